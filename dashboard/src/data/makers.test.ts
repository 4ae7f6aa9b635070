import { expect, test } from "vitest";
import { makerOf } from "./makers";

test("a model is made by whom its family tells, whichever way it is reached", () => {
  for (const id of ["claude-sonnet-5", "anthropic/claude-opus-4.5", "us.anthropic.claude-haiku-4-5-v1:0"]) {
    expect(makerOf(id)).toBe("Anthropic");
  }
  for (const id of ["gpt-5", "azure/gpt-4o", "openai/gpt-oss-120b", "o3-mini", "chatgpt-4o-latest"]) {
    expect(makerOf(id)).toBe("OpenAI");
  }
  expect(makerOf("@cf/meta/llama-3.2-3b-instruct")).toBe("Meta");
  expect(makerOf("deepseek-r1-distill-llama-70b")).toBe("DeepSeek");
  expect(makerOf("mistralai/Mistral-Nemo-Instruct-2407")).toBe("Mistral AI");
});

test("of another it is what stands before its name, if anything does", () => {
  expect(makerOf("acme/tiny")).toBe("acme");
  expect(makerOf("echo")).toBeNull();
  expect(makerOf("graphite-2")).toBeNull(); // `phi` within a word is no family
});
