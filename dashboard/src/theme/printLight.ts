const SCHEME = "data-mantine-color-scheme";

/** Paper is white: while it is printed the page has its light colours, whichever the screen's are. */
export function printLight(): void {
  const root = document.documentElement;
  let former: string | null = null;
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) {
      former = root.getAttribute(SCHEME);
      root.setAttribute(SCHEME, "light");
    } else if (former !== null) root.setAttribute(SCHEME, former);
  });
}
