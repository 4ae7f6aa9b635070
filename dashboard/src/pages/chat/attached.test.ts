import { expect, test } from "vitest";
import type { Model } from "@/data/models";
import { attach, imageTokens, partsOf, readingUsd } from "./attached";

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
  await expect(attach(new File(["%PDF\0\0"], "a.pdf"))).rejects.toThrow("a.pdf is neither");
  await expect(attach(new File(["x".repeat(400_001)], "a.txt"))).rejects.toThrow("400 kB");
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
