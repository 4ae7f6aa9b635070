// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { changeView, filterOf, isFiltered, readView, statsFilterOf } from "./view";

const read = (search: string) => readView(new URLSearchParams(search));

test("a view is what its address says", () => {
  expect(
    read(
      "days=90&model=gpt-4o&key=k1&status=error&from=2026-11-01&to=2026-11-02&member=u1&project=p1&metric=tokens&split=key&columns=cost,when,no&sort=-cost",
    ),
  ).toEqual({
    days: 90,
    model: "gpt-4o",
    key: "k1",
    status: "error",
    from: "2026-11-01",
    to: "2026-11-02",
    member: "u1",
    project: "p1",
    metric: "tokens",
    split: "key",
    columns: ["when", "cost"],
    sort: "-cost",
  });
});

test("what an address gets wrong is as if it were not there", () => {
  const view = read("days=12&status=fine&from=yesterday&to=2026-02-31&model=&metric=weight");
  expect(view).toEqual(read(""));
  expect(view.days).toBe(30);
  expect(isFiltered(view)).toBe(false);
});

test("a change keeps the rest of the address, and writes no default", () => {
  const search = new URLSearchParams("days=90&model=a%2Fb");
  expect(changeView(search, { status: "ok" }).toString()).toBe("days=90&model=a%2Fb&status=ok");
  expect(changeView(search, { days: 30, model: null, metric: "cost" }).toString()).toBe("");
  expect(changeView(new URLSearchParams("metric=tokens"), { split: "key" }).toString()).toBe(
    "metric=tokens&split=key",
  );
});

test("days are the person's own, whole, also where the clock changes", () => {
  expect(filterOf(read("from=2026-03-29&to=2026-03-29"), "Europe/Berlin")).toEqual({
    from: "2026-03-28T23:00:00.000Z",
    to: "2026-03-29T22:00:00.000Z",
  });
  expect(filterOf(read("to=2026-12-31&key=k&project=p&days=7"), "America/New_York")).toEqual({
    key_id: "k",
    project: "p",
    from: "2026-12-25T05:00:00.000Z",
    to: "2027-01-01T05:00:00.000Z",
  });
});

test("requests without days of their own are those of the charts", () => {
  const now = new Date("2026-11-25T23:30:00Z");
  expect(filterOf(read("days=7&status=ok"), "Asia/Tokyo", now)).toEqual({
    status: "ok",
    from: "2026-11-19T15:00:00.000Z",
  });
});

test("what the requests are filtered by, the figures are too, but by how they ended", () => {
  expect(
    statsFilterOf(read("days=90&model=gpt-4o&key=k1&project=p1&status=error&from=2026-11-01&to=2026-11-02")),
  ).toEqual({
    model: "gpt-4o",
    key_id: "k1",
    project: "p1",
    first: "2026-11-01",
    last: "2026-11-02",
  });
  expect(statsFilterOf(read("days=7"))).toEqual({});
});
