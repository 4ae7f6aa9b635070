const DIALOGS = ["[role=dialog]", "[role=menu]"].join();
const PRESSED = ["button", "[role=menuitem]"].join();
const WHAT_CLOSES = [".mantine-Modal-close", ".mantine-Drawer-close"].join();
const REACHED = ["input", "select", "textarea", "button", "a[href]", "[tabindex]"];
const NOT_REACHED = [WHAT_CLOSES, ":disabled", "[tabindex='-1']"].join();
const FIELDS = REACHED.map((each) => `${each}:not(${NOT_REACHED})`).join();

/** Sees to it that a dialog begins at its content, and that whoever stands somewhere in a dialog or a menu stays there.
 *
 * Mantine brings the focus to what bears `data-autofocus`, and else to a dialog's first button, which closes it. It does so
 * by a timer and once more by another, which on a busy machine comes when somebody has gone on: their next key would go
 * elsewhere. Here whatever has the focus bears that mark. A key that is held down asks, and does not answer what it asked.
 * Answers what ends this.
 */
export function standInDialogs(): () => void {
  const begun = new WeakSet<Element>(); // those in which somebody stands somewhere

  const stand = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const dialog = target.closest<HTMLElement>(DIALOGS);
    if (dialog === null) return;
    if (!begun.has(dialog) && target.matches(WHAT_CLOSES)) {
      const first = dialog.querySelector<HTMLElement>(FIELDS) ?? dialog; // whose content may still be loading
      return first.focus({ preventScroll: true }); // which comes here again
    }
    if (target !== dialog) begun.add(dialog);
    for (const marked of dialog.querySelectorAll("[data-autofocus]"))
      marked.removeAttribute("data-autofocus");
    if (target !== dialog) target.dataset.autofocus = "true";
  };
  const press = (event: KeyboardEvent) => {
    const dialog = event.key === "Tab" && document.activeElement?.closest(DIALOGS);
    if (dialog) begun.add(dialog); // who goes on may go to what closes it
    if (!event.repeat || event.key !== "Enter" || !(event.target instanceof HTMLElement)) return;
    if (event.target.closest(PRESSED) !== null) event.preventDefault();
  };

  document.addEventListener("focusin", stand);
  document.addEventListener("keydown", press, true);
  return () => {
    document.removeEventListener("focusin", stand);
    document.removeEventListener("keydown", press, true);
  };
}
