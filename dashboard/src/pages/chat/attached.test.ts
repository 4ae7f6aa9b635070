// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Model } from "@/data/models";
import { attach, imageTokens, isUnseen, pagesOf, partsOf, readingUsd, unreadable } from "./attached";

test("a picture is as many tokens as its tiles", () => {
  expect(imageTokens({ width: 1024, height: 1024 })).toBe(765);
  expect(imageTokens({ width: 100, height: 50 })).toBe(255);
  expect(imageTokens({ width: 4000, height: 2000 })).toBe(1105);
});

test("a text is attached as it is, and what is neither text nor picture is refused", async () => {
  expect(await attach(new File(["a,b\n"], "a.csv"))).toMatchObject({
    kind: "text",
    content: "a,b\n",
    tokens: 1,
  });
  await expect(attach(new File(["%PDF\0\0"], "a.bin"))).rejects.toThrow("a.bin is neither");
  await expect(attach(new File(["x".repeat(400_001)], "a.txt"))).rejects.toThrow("400 kB");
});

test("a PDF is sent as a file, about so many tokens a page, to models that read files", async () => {
  const pages = "%PDF-1.4 1 0 obj <</Type /Pages>> 2 0 obj <</Type/Page>> 3 0 obj <</Type /Page >>";
  const pdf = await attach(new File([pages], "a.pdf", { type: "application/pdf" }));
  expect(pdf).toMatchObject({ kind: "pdf", tokens: 4_000 });
  expect(pagesOf("%PDF-1.7 packed", 120_000)).toBe(3);
  expect(partsOf("", [pdf])).toEqual([
    { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${btoa(pages)}` } },
  ]);
  const reads = (...input_modalities: string[]) => ({ id: "m", architecture: { input_modalities } }) as Model;
  expect(unreadable([pdf], reads("text", "file"))).toBeNull();
  expect(unreadable([pdf], reads("text", "image"))).toContain("m reads no PDF");
  expect(unreadable([{ kind: "image" }], reads("text"))).toBeNull();
  expect(isUnseen([{ kind: "image" }], reads("text"))).toBe(true);
  expect(isUnseen([{ kind: "image" }], reads("text", "image"))).toBe(false);
  expect(isUnseen([{ kind: "text" }], reads("text"))).toBe(false);
});

test("files go before the words, and cost what the model takes for reading", () => {
  const files = [
    { name: "a.txt", kind: "text", content: "A", tokens: 1_000_000 },
    { name: "b.png", kind: "image", content: "data:b", tokens: 1_000_000 },
  ] as const;
  expect(partsOf("What?", [...files]).map(({ type }) => type)).toEqual(["text", "image_url", "text"]);
  const pricing = { input_usd_per_1m: "2", image_input_usd_per_1m: "3", multiplier: "1.5" };
  expect(readingUsd([...files], { pricing } as Model)).toBe("7.50");
});
