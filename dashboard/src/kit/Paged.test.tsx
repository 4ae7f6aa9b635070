// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Paged, type PagedQuery } from "./Paged";

afterEach(cleanup);

function shown(query: PagedQuery<string>) {
  return (
    <MantineProvider>
      <Paged query={query} empty="Nobody">
        {(rows) => <p>{rows.join()}</p>}
      </Paged>
    </MantineProvider>
  );
}

test("where a filter finds nothing on a page the next ones are looked through, and not without end", () => {
  const fetchNextPage = vi.fn();
  const after = (pages: string[][], isFetching = false): PagedQuery<string> => ({
    data: { pages: pages.map((data) => ({ data })) },
    error: null,
    hasNextPage: true,
    isFetching,
    isFetchingNextPage: isFetching,
    fetchNextPage,
    refetch: () => undefined,
  });
  const { rerender } = render(shown(after([[]])));
  expect(fetchNextPage).toHaveBeenCalledTimes(1);
  rerender(shown(after([[]], true)));
  rerender(shown(after([[], []])));
  expect(fetchNextPage).toHaveBeenCalledTimes(2);
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  rerender(shown(after([[], [], ["Ada"]])));
  expect(screen.getByText("Ada")).toBeInTheDocument();
  rerender(shown(after(Array.from({ length: 10 }, () => []))));
  expect(fetchNextPage).toHaveBeenCalledTimes(2);
  expect(screen.getByText("Nobody")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Look further" })).toBeInTheDocument();
});

test("of a list among others a few rows are there, then all that are loaded, then those that are not", () => {
  const fetchNextPage = vi.fn();
  const query = {
    data: { pages: [{ data: ["a", "b", "c"] }] },
    error: null,
    hasNextPage: true,
    isFetchingNextPage: false,
    fetchNextPage,
    refetch: () => undefined,
  };
  render(
    <MantineProvider>
      <Paged query={query} atFirst={2} empty="">
        {(rows) => <p>{rows.join()}</p>}
      </Paged>
    </MantineProvider>,
  );
  const more = screen.getByRole("button", { name: "Show more" });
  expect(screen.getByText("a,b")).toBeInTheDocument();
  fireEvent.click(more);
  expect(screen.getByText("a,b,c")).toBeInTheDocument();
  expect(fetchNextPage).not.toHaveBeenCalled();
  fireEvent.click(more);
  expect(fetchNextPage).toHaveBeenCalledOnce();
});
