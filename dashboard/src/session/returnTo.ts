/** Where to go after signing in: a path of this dashboard, and never another site's address. */
export function safeReturn(given: string | null, otherwise = "/"): string {
  if (given === null || !given.startsWith("/")) return otherwise;
  const url = new URL(given, window.location.origin); // "//evil.example" and "/\evil.example" are other origins
  return url.origin === window.location.origin ? url.pathname + url.search : otherwise;
}

/** The address of the sign-in page that leads back to a path. */
export function signInPath(from: { pathname: string; search: string }): string {
  const path = from.pathname + from.search;
  return path === "/" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(path)}`;
}
