import { expect, test } from "vitest";
import { everyPage } from "./pages";

test("a list is read to its end, and what its first page says beside its rows stays", async () => {
  const asked: unknown[] = [];
  const rows = [1, 2, 3, 4, 5];
  const read = (query: { limit: number; cursor?: string }) => {
    asked.push(query);
    const start = Number(query.cursor ?? 0);
    const end = start + 2;
    return Promise.resolve({
      data: rows.slice(start, end),
      next_cursor: end < rows.length ? String(end) : null,
      least: `of ${start}`,
    });
  };

  expect(await everyPage(read)).toEqual({ data: rows, next_cursor: null, least: "of 0" });
  expect(asked).toEqual([{ limit: 200 }, { limit: 200, cursor: "2" }, { limit: 200, cursor: "4" }]);
});
