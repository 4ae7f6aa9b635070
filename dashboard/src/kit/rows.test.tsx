// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PagedQuery } from "./Paged";
import { PagedTable } from "./PagedTable";
import { TrailList } from "./trail/TrailList";

const MANY = 10_000;
const ROW_PX = 50;

let drawn: string[];

function Name({ row }: { row: { id: string } }) {
  drawn.push(row.id);
  return <b>{row.id}</b>;
}

/** As long a list as is loaded, which grows by 50 rows at a click. */
function useMany(): PagedQuery<{ id: string }> {
  const [pages, setPages] = useState(() => [{ data: rowsFrom(0, MANY) }]);
  return {
    data: { pages },
    error: null,
    hasNextPage: true,
    isFetchingNextPage: false,
    fetchNextPage: () => setPages([...pages, { data: rowsFrom(MANY, 50) }]),
    refetch: () => undefined,
  };
}

function rowsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({ id: `row-${first + index}` }));
}

function ManyInTable() {
  const columns = [
    { title: "Name", show: (row: { id: string }) => <Name row={row} /> },
    { title: "State", show: () => "Active" },
  ];
  return <PagedTable label="Rows" query={useMany()} rowKey={({ id }) => id} columns={columns} empty="" />;
}

function ManyInTrail() {
  return <TrailList label="Rows" query={useMany()} show={(row) => <Name row={row} />} empty="" />;
}

beforeEach(() => {
  drawn = [];
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(ROW_PX);
});
afterEach(() => {
  cleanup();
  window.scrollTo(0, 0);
  vi.restoreAllMocks();
});

const FITTING = Math.ceil(window.innerHeight / 47);
const MOST = FITTING + 2 * 6 + 1; // those ahead on either side, and one that is in sight in part

function scrollTo(px: number): void {
  act(() => {
    window.scrollTo(0, px);
    window.dispatchEvent(new Event("scroll"));
  });
}

test.each([
  ["a table", ManyInTable],
  ["a trail", ManyInTrail],
])("of ten thousand rows %s draws those near the window, and each once", (_, Many) => {
  render(
    <MantineProvider env="test">
      <Many />
    </MantineProvider>,
  );
  drawn = [];
  scrollTo(200_000);
  expect(drawn.length).toBeGreaterThan(FITTING / 2);
  expect(drawn.length, "rows drawn for a jump").toBeLessThanOrEqual(MOST);
  expect(new Set(drawn).size, "each once").toBe(drawn.length);
  expect(document.querySelectorAll("b").length, "rows that are there").toBeLessThanOrEqual(MOST);

  drawn = [];
  scrollTo(200_100);
  expect(drawn.length, "rows drawn for two rows further").toBeLessThanOrEqual(4);

  drawn = [];
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(drawn, "rows drawn for fifty more below").toEqual([]);
});
