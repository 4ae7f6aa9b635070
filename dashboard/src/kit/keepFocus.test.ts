// @vitest-environment happy-dom
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keepFocus } from "./keepFocus";

let stop: () => void;

beforeAll(() => {
  stop = keepFocus();
});

afterAll(() => stop());

function show(content: string): void {
  document.body.innerHTML = `<main><div id="content" tabindex="-1"><section id="panel">${content}</section></div></main>`;
}

function at(id: string): HTMLButtonElement {
  return document.getElementById(id) as HTMLButtonElement;
}

/** What a browser does when it draws the next frame. */
function disable(button: HTMLButtonElement): void {
  button.blur();
  button.disabled = true;
}

const soon = async () => new Promise((resolve) => setTimeout(resolve, 150));

test("a button that is switched off while it works has the focus again afterwards", async () => {
  show('<button id="suspend">Suspend</button>');
  at("suspend").focus();
  disable(at("suspend"));
  await soon();
  expect(document.activeElement).toBe(document.body);

  at("suspend").disabled = false;
  await vi.waitFor(() => expect(document.activeElement).toBe(at("suspend")));
});

test("who has gone on meanwhile stays where they are", async () => {
  show('<button id="suspend">Suspend</button><button id="other">Other</button>');
  at("suspend").focus();
  disable(at("suspend"));
  at("other").focus();
  at("suspend").disabled = false;
  await soon();
  expect(document.activeElement).toBe(at("other"));
});

test("who clicks beside everything has let the focus go", async () => {
  show('<button id="suspend">Suspend</button>');
  at("suspend").focus();
  at("suspend").blur();
  await Promise.resolve();
  at("panel").append("It is suspended.");
  await soon();
  expect(document.activeElement).toBe(document.body);
});

test("from what is gone the focus goes to the part of the page that is left around it", async () => {
  show('<ul id="rows"><li><button id="end">End session</button></li></ul>');
  at("end").focus();
  at("rows").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(at("panel")));

  at("panel").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(at("content")));
});

test("from a dialog or a menu that is gone it goes to what opened that", async () => {
  show('<button id="menu">Actions</button>');
  at("menu").focus();
  document.body.insertAdjacentHTML(
    "beforeend",
    '<div id="items" role="menu"><button id="item">Revoke</button></div>',
  );
  at("item").focus();
  at("items").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(at("menu")));
});

test("it stays in a dialog that is open", async () => {
  show('<button id="change">Change</button>');
  at("change").focus();
  const dialog = '<div id="dialog" role="dialog" aria-modal="true"><button id="save">Save</button></div>';
  document.body.insertAdjacentHTML("beforeend", dialog);
  at("save").focus();
  at("save").remove();
  await vi.waitFor(() => expect(document.activeElement).toBe(at("dialog")));
});
