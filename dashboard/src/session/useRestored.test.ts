// @vitest-environment happy-dom
import { renderHook, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { session } from "./session";
import { useRestored } from "./useRestored";

test("a page that anybody may open tries what this browser keeps, and says why it could not", async () => {
  const state = vi.spyOn(session, "state").mockReturnValue("restoring");
  const restore = vi.spyOn(session, "restore").mockRejectedValue(new Error("no network"));
  const { result, rerender } = renderHook(() => useRestored());
  expect(result.current).toEqual({ state: "restoring", problem: null });
  expect(restore).toHaveBeenCalledOnce();
  await waitFor(() => expect(result.current.problem).not.toBeNull());
  state.mockReturnValue("signed-in");
  rerender();
  expect(result.current).toEqual({ state: "signed-in", problem: null });
  vi.restoreAllMocks();
});
