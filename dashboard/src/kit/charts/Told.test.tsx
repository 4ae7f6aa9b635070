import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { formatShare } from "../numbers";
import { Told } from "./Told";

const ROW = {
  key: "2026-11-25",
  label: "25 Nov",
  values: { "gpt-4.1": 0.098587614, Failed: 0.027778 },
  told: { "gpt-4.1": "$0.0986" },
};

test("a tooltip tells the row's words, in the legend's order, and what has none as on the axis", () => {
  const series = ["gpt-4.1", "Failed", "Latency"].map((name) => ({ name, color: "fare.6" }));
  const told = renderToStaticMarkup(<Told row={ROW} series={series} formatHeight={formatShare} />);
  expect(told.replace(/<[^>]*>/g, "|").replace(/\|+/g, "|")).toBe(
    "|25 Nov|gpt-4.1|$0.0986|Failed|2.8%|Latency|–|",
  );
});

test("of many parts those are told that there is any of, and what all come to", () => {
  const series = ["a", "b", "c", "d"].map((name) => ({ name, color: "fare.6" }));
  const row = { key: "k", label: "25 Nov", values: { a: 1, b: 0, c: 2, d: 0 }, whole: "3" };
  const told = renderToStaticMarkup(<Told row={row} series={series} formatHeight={String} />);
  expect(told.replace(/<[^>]*>/g, "|").replace(/\|+/g, "|")).toBe("|25 Nov|3|a|1|c|2|");
});
