// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { Hint } from "./Hint";

afterEach(cleanup);

test("what a finger touches is told until it touches something else, each time", async () => {
  render(
    <MantineProvider env="test">
      <Hint label={() => "all of it"}>
        <span>some</span>
      </Hint>
    </MantineProvider>,
  );
  const tap = (on: Element, timeStamp: number) => {
    for (const type of ["pointerover", "pointerdown"]) {
      const event = new PointerEvent(type, { bubbles: true, pointerType: "touch" });
      Object.defineProperty(event, "timeStamp", { value: timeStamp });
      act(() => void on.dispatchEvent(event));
    }
  };
  for (const at of [1_000, 5_000]) {
    tap(screen.getByText("some"), at);
    await vi.waitFor(() => expect(screen.getByRole("tooltip")).toHaveTextContent("all of it"));
    tap(document.body, at + 2_000);
    await vi.waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
  }
});

test("what a tooltip says is made up once somebody points at it, and is there then", async () => {
  const label = vi.fn(() => "$0.123456789");
  render(
    <MantineProvider env="test">
      <Hint label={label}>
        <span>$0.12</span>
      </Hint>
    </MantineProvider>,
  );
  expect(label).not.toHaveBeenCalled();

  const user = userEvent.setup();
  await user.hover(screen.getByText("$0.12"));
  await user.pointer({ target: screen.getByText("$0.12"), coords: { x: 1, y: 1 } });
  await vi.waitFor(() => expect(screen.getByRole("tooltip")).toHaveTextContent("$0.123456789"));

  await user.unhover(screen.getByText("$0.12"));
  await vi.waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
});
