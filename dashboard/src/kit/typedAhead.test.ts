// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { typedAhead } from "./typedAhead";

const press = (key: string, modifiers: KeyboardEventInit = {}) =>
  window.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...modifiers }));

test("what is typed before its field is there is in it once it is", () => {
  const field = document.createElement("input");
  let told = "";
  field.addEventListener("input", () => {
    told = field.value;
  });
  const deliver = typedAhead();
  for (const key of ["k", "a", "Backspace", "e", "Shift", "y"]) press(key);
  expect(press("c", { ctrlKey: true })).toBe(true); // it goes where it goes otherwise
  deliver(field);
  expect(told).toBe("key");
  expect(press("s")).toBe(true);
  field.value = "keys";
  deliver(field);
  expect(field.value).toBe("keys");
});

test("who gives it up types elsewhere again", () => {
  typedAhead();
  expect(press("k")).toBe(false);
  press("Escape");
  expect(press("s")).toBe(true);
});
