import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Modules as a page has them whose browser prefers these languages. */
async function speaking<Module>(languages: string[], load: () => Promise<Module>): Promise<Module> {
  vi.stubGlobal("navigator", { languages });
  vi.resetModules();
  return load();
}

const money = () => import("@/kit/money");
const numbers = () => import("@/kit/numbers");
const dates = () => import("@/kit/dates");

test.each([
  [["de-AT", "en"], "de"],
  [["fr", "DE"], "de"],
  [["fr-FR"], "en"],
  [[], "en"],
])("who prefers %j reads %s", async (languages, language) => {
  expect((await speaking(languages, () => import("./language"))).language).toBe(language);
});

test("what was chosen in this browser comes before what it prefers", async () => {
  vi.stubGlobal("localStorage", { getItem: () => "en" });
  expect((await speaking(["de"], () => import("./language"))).language).toBe("en");
});

test("amounts keep every digit in every language", async () => {
  const { formatUsd } = await speaking(["de"], money);
  expect(formatUsd("9007199254740993.123456789", { exact: true })).toBe(
    "9.007.199.254.740.993,123456789\u00a0$",
  );
  expect(formatUsd("-3.2")).toBe("\u22123,20\u00a0$");
  expect(formatUsd("0.000012345")).toBe("0,0000123\u00a0$");
  expect(formatUsd("1", { signed: true })).toBe("+1,00\u00a0$");
});

test.each([
  ["12,5", "12.50"],
  ["1.000,50", "1000.50"],
  ["1.000.000,5 $", "1000000.50"],
  ["4.99", "4.99"],
  ["1.125", "1.125"],
  ["1,125", "1.125"],
  ["1.00,5", null],
  ["1,000,000", null],
  ["1.000.000", null],
  ["-5", null],
])("typing %j in German is %j", async (typed, usd) => {
  expect((await speaking(["de"], money)).parseUsd(typed)).toBe(usd);
});

test("a field shows a lone point as the comma that it is taken for", async () => {
  const { typedUsd } = await speaking(["de"], money);
  expect(["1.125", "1.000", "1.000,5", "7,", ""].map(typedUsd)).toEqual([
    "1,125",
    "1,000",
    "1.000,5",
    "7,",
    "",
  ]);
});

test("numbers, days and distances in time are told as the language does", async () => {
  const { formatCount, formatShare, formatDuration } = await speaking(["de"], numbers);
  expect([formatCount(12345), formatShare(0.125), formatDuration(1250)]).toEqual([
    "12.345",
    "12,5\u00a0%",
    "1,3\u00a0s",
  ]);
  const { formatMonth, formatRelative } = await speaking(["de"], dates);
  expect(formatMonth("2026-11")).toBe("November 2026");
  expect(formatRelative("2026-11-24T12:00:00Z", Date.parse("2026-11-25T12:00:00Z"))).toBe("gestern");
});
