// @vitest-environment happy-dom
import { MantineProvider, Menu, Modal } from "@mantine/core";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { standInDialogs } from "./standInDialogs";

let stop: () => void;

beforeAll(() => {
  stop = standInDialogs();
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});
afterAll(() => stop());

function open(content: React.ReactNode): void {
  render(
    <MantineProvider env="test">
      <Modal
        opened
        onClose={() => undefined}
        title="Restore it?"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {content}
      </Modal>
    </MantineProvider>,
  );
}

const button = (name: string) => screen.getByRole("button", { name });
const allTimers = () => act(() => vi.runAllTimers());

test("who stands in a dialog before its timers have run stays there", () => {
  open(
    <>
      <button type="button">Cancel</button>
      <button type="button">Restore</button>
    </>,
  );
  button("Restore").focus();
  allTimers();
  expect(document.activeElement).toBe(button("Restore"));
});

test("who stands on an item of a menu before its timers have run stays there", () => {
  render(
    <MantineProvider env="test">
      <Menu opened>
        <Menu.Target>
          <button type="button">Actions</button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item>Rename</Menu.Item>
          <Menu.Item>Revoke</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </MantineProvider>,
  );
  screen.getByRole("menuitem", { name: "Revoke" }).focus();
  allTimers();
  expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Revoke" }));
});

test("a dialog begins at its content, and what closes it can be reached", () => {
  open(<button type="button">Cancel</button>);
  allTimers();
  expect(document.activeElement).toBe(button("Cancel"));

  button("Close").focus();
  expect(document.activeElement).toBe(button("Close"));
});

test("a dialog whose content is still loading begins at itself, and not at what closes it", () => {
  open("Loading");
  allTimers();
  expect(document.activeElement).toBe(screen.getByRole("dialog", { name: "Restore it?" }));

  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true }));
  button("Close").focus();
  expect(document.activeElement).toBe(button("Close"));
});

test("a dialog begins where it says", () => {
  open(
    <>
      <button type="button">Cancel</button>
      <button type="button" data-autofocus>
        Restore
      </button>
    </>,
  );
  allTimers();
  expect(document.activeElement).toBe(button("Restore"));
});

test("a key that is held down presses a button once", () => {
  open(<button type="button">Restore</button>);
  const press = (repeat: boolean) =>
    button("Restore").dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, repeat }),
    );
  expect(press(false)).toBe(true);
  expect(press(true)).toBe(false);
});
