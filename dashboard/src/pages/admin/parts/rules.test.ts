import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The rules as somebody has them whose browser speaks this language. */
async function rulesIn(language: string) {
  vi.resetModules();
  vi.stubGlobal("navigator", { languages: [language] });
  return import("./rules");
}

test.each([
  ["en-US", "64,000", "1.25"],
  ["de-DE", "64.000", "1,25"],
])(
  "in %s people write %s and %s",
  async (language, whole, factor) => {
    const { isOptionalFactor, isOptionalWhole, parseFactor, parseWhole } = await rulesIn(language);
    expect([isOptionalWhole(whole), parseWhole(whole)]).toEqual([null, 64_000]);
    expect([isOptionalFactor(factor), parseFactor(factor)]).toEqual([null, "1.25"]);
    expect([parseWhole(" "), parseFactor(" ")]).toEqual([null, null]);
    expect(isOptionalWhole("6,4.0")).not.toBeNull();
  },
  60_000,
);
