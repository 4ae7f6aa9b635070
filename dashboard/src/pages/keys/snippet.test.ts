import { expect, test } from "vitest";
import { curlSnippet, modelForSnippet, pythonSnippet } from "./snippet";

const CALL = { origin: "https://fare.example", secret: "fb-live-1-s", model: "it's" };

test("the model is one that the key may use and that there is", () => {
  expect(modelForSnippet(null, ["a", "b"])).toBe("a");
  expect(modelForSnippet(["gone", "b"], ["a", "b"])).toBe("b");
  expect(modelForSnippet(["b"], undefined)).toBe("b");
  expect(modelForSnippet(null, undefined)).toBe("MODEL");
});

test("curl is told the whole address, the key, and a body that no quote breaks out of", () => {
  const text = curlSnippet(CALL);
  expect(text).toContain("curl https://fare.example/v1/chat/completions");
  expect(text).toContain('-H "Authorization: Bearer fb-live-1-s"');
  expect(text).toContain(`"model": "it'\\''s"`);
});

test("Python is told the address of the API, to which the library adds the path", () => {
  expect(pythonSnippet(CALL)).toContain('base_url="https://fare.example/v1"');
  expect(pythonSnippet(CALL)).toContain(`model="it's"`);
});
