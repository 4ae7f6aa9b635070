// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { Hint } from "./Hint";

afterEach(cleanup);

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
