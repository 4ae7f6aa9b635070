import type { modals } from "@mantine/modals";

let tell: (all: typeof modals) => void;
const there = new Promise<typeof modals>((resolve) => {
  tell = resolve;
});

/** The dialogs that one opens by a call, once the page shows them: they come after what a page shows first, and what
 * is asked until then waits. */
export const dialogs = (): Promise<typeof modals> => there;

/** To be called by what shows them, as soon as it does. */
export const dialogsAreThere = (all: typeof modals): void => tell(all);
