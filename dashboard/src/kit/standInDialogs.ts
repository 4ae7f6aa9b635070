const DIALOGS = "[role=dialog], [role=menu]";
const WHAT_CLOSES = ".mantine-Modal-close, .mantine-Drawer-close";
const CAN_BE_REACHED = ["input", "select", "textarea", "button", "a[href]", "[tabindex]"]
  .map((each) => `${each}:not(${WHAT_CLOSES}, :disabled, [tabindex="-1"])`)
  .join();

/** Sees to it that a dialog begins at its content, and that whoever stands somewhere in a dialog or a menu stays there.
 *
 * Mantine brings the focus to what bears `data-autofocus`, and else to a dialog's first button, which closes it. It does so
 * by a timer and once more by another, which on a busy machine comes when somebody has gone on: their next key would go
 * elsewhere. Here whatever has the focus bears that mark. A key that is held down asks, and does not answer what it asked.
 * Answers what ends this.
 */
export function standInDialogs(): () => void {
  const begun = new WeakSet<Element>();

  const stand = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const dialog = target.closest(DIALOGS);
    if (dialog === null) return;
    const isFirst = !begun.has(dialog);
    begun.add(dialog);
    if (isFirst && target.matches(WHAT_CLOSES)) {
      const first = dialog.querySelector<HTMLElement>(CAN_BE_REACHED);
      if (first !== null) return first.focus({ preventScroll: true }); // which comes here again
    }
    for (const marked of dialog.querySelectorAll("[data-autofocus]"))
      marked.removeAttribute("data-autofocus");
    if (target !== dialog) target.dataset.autofocus = "true";
  };
  const press = (event: KeyboardEvent) => {
    if (!event.repeat || event.key !== "Enter" || !(event.target instanceof HTMLElement)) return;
    if (event.target.closest("button, [role=menuitem]") !== null) event.preventDefault();
  };

  document.addEventListener("focusin", stand);
  document.addEventListener("keydown", press, true);
  return () => {
    document.removeEventListener("focusin", stand);
    document.removeEventListener("keydown", press, true);
  };
}
