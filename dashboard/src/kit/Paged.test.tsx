// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Paged } from "./Paged";

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
