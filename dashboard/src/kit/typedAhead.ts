const LONGEST_MS = 10_000;

/** Keeps what is typed while the field that it is for is not there yet: for ten seconds at most, or until Escape. What it
 * returns ends that, and puts what was kept into the field, as if it had been typed there. */
export function typedAhead(): (field: HTMLInputElement) => void {
  let text = "";
  const keep = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") end();
    if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault(); // a field that still has the focus gets none of it
    event.stopImmediatePropagation();
  };
  const timer = setTimeout(end, LONGEST_MS);
  function end() {
    clearTimeout(timer);
    window.removeEventListener("keydown", keep, true);
  }
  window.addEventListener("keydown", keep, true);
  return (field) => {
    end();
    if (text === "") return;
    field.setRangeText(text, 0, field.value.length, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    text = "";
  };
}
