/** Something that had the focus, and what was around it then: the innermost first. */
interface Place {
  element: HTMLElement;
  around: HTMLElement[];
}

const REMEMBERED = 8; // a button, its menu, an item of it, a dialog: more do not lie over each other
const WAIT_MS = 60; // dialogs and menus, which give the focus back themselves, have done so by then
const PARTS = ["section", "[role=dialog]", "main>[tabindex]"].join(); // what is named, or is the page's content
const MODALS = "[role=dialog][aria-modal=true]";

/** Sees to it that people at the keyboard stand somewhere, whatever becomes of what had the focus.
 *
 * A browser drops it where a button is disabled, which is what one does to a button while that which it began is under
 * way, and where a row or a menu is gone. Here it returns to the button once that can be pressed again, and from what is
 * gone to what led there, or to the part of the page that is left around it. Who clicks beside everything has let the
 * focus go, and no key that is pressed meanwhile is undone. Answers what ends this.
 */
export function keepFocus(): () => void {
  let places: Place[] = [];
  let timer = 0;

  const look = () => {
    if (isSomewhere() || places.length === 0) return;
    const modal = [...document.querySelectorAll<HTMLElement>(MODALS)].filter(isShown).at(-1);
    for (const place of places) {
      const found = heirOf(place);
      if (found === undefined || modal?.contains(found) === false) continue;
      if (!found.matches(":disabled")) stand(found);
      return; // it is waited for otherwise
    }
  };
  const lookSoon = () => {
    if (isSomewhere()) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(look, WAIT_MS);
  };
  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    const former = places.filter(({ element }) => element !== target);
    places = [{ element: target, around: parentsOf(target) }, ...former].slice(0, REMEMBERED);
  };
  const forget = ({ target, relatedTarget }: FocusEvent) => {
    if (relatedTarget !== null) return;
    // After whatever took it away has run: only then is what is gone, gone.
    queueMicrotask(() => {
      if (isSomewhere() || !(target instanceof HTMLElement)) return;
      if (isShown(target) && !target.matches(":disabled")) places = [];
    });
  };

  const observer = new MutationObserver(lookSoon);
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  document.addEventListener("focusin", remember);
  document.addEventListener("focusout", forget);
  return () => {
    window.clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener("focusin", remember);
    document.removeEventListener("focusout", forget);
  };
}

function isSomewhere(): boolean {
  const { activeElement } = document;
  return activeElement !== null && activeElement !== document.body && activeElement.isConnected;
}

function isShown(element: HTMLElement): boolean {
  return element.isConnected && element.checkVisibility();
}

function parentsOf(element: HTMLElement): HTMLElement[] {
  const parent = element.parentElement;
  return parent === null || parent === document.body ? [] : [parent, ...parentsOf(parent)];
}

/** Where the focus belongs that was at a place; `undefined` where nothing is left of it. */
function heirOf({ element, around }: Place): HTMLElement | undefined {
  return isShown(element) ? element : around.find((one) => one.matches(PARTS) && isShown(one));
}

function stand(element: HTMLElement): void {
  if (element.matches(PARTS) && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
