// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { isReplaced } from "./lazily";

const OWN = '<script type="module" src="/assets/index-1.js"></script>';

afterEach(() => {
  document.head.innerHTML = "";
});

test.each<[string, () => Promise<Response>, boolean]>([
  ["the same version", async () => new Response(OWN), false],
  ["a newer version", async () => new Response(OWN.replace("index-1", "index-2")), true],
  ["a server that fails", async () => new Response("", { status: 503 }), false],
  ["no network", async () => Promise.reject(new TypeError("Failed to fetch")), false],
])("%s is told from a deploy", async (_, answer, expected) => {
  const script = document.createElement("script");
  script.type = "module";
  script.setAttribute("src", "/assets/index-1.js");
  Object.defineProperty(script, "src", { value: "http://localhost/assets/index-1.js" });
  vi.spyOn(document, "querySelector").mockReturnValue(script);
  vi.stubGlobal("fetch", answer);
  expect(await isReplaced()).toBe(expected);
});
