// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { leaveFor } from "./leave";
import { useOnce } from "./useOnce";

function wrapper({ children }: { children: ReactNode }) {
  return <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
}

test("two clicks at once pay once, and one can pay again when that has come to an end", async () => {
  const ends: (() => void)[] = [];
  const mutationFn = vi.fn(() => new Promise<void>((end) => ends.push(end)));
  const { result } = renderHook(() => useOnce({ mutationFn }), { wrapper });
  await act(async () => {
    result.current.mutate();
    result.current.mutate();
  });
  expect(mutationFn).toHaveBeenCalledTimes(1);
  await act(async () => ends[0]?.());
  await act(async () => result.current.mutate());
  expect(mutationFn).toHaveBeenCalledTimes(2);
});

test("who leaves for another site's page waits until the browser brings this one back", async () => {
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const onBack = vi.fn();
  const leaving = leaveFor("https://pay.example").then(onBack);
  await Promise.resolve();
  expect(assign).toHaveBeenCalledWith("https://pay.example");
  expect(onBack).not.toHaveBeenCalled();
  window.dispatchEvent(new Event("pageshow"));
  await leaving;
  expect(onBack).toHaveBeenCalledOnce();
});
