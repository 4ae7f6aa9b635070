import { Suspense, useEffect, useRef } from "react";
import { Outlet, ScrollRestoration, useLocation } from "react-router";

/** The element that every layout gives its content: where the skip link and a change of page lead. */
export const CONTENT_ID = "content";

/** What every page is in. A change of page moves the focus to its content, so that a screen reader begins there. */
export function Root() {
  const { pathname } = useLocation();
  const former = useRef(pathname);

  useEffect(() => {
    if (former.current === pathname) return; // the first page: the browser's own order is right
    former.current = pathname;
    document.getElementById(CONTENT_ID)?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <>
      <Suspense>
        <Outlet />
      </Suspense>
      <ScrollRestoration />
    </>
  );
}
