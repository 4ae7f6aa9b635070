import type { Plugin } from "vite";

const OLDER = /,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)/g;

/** Leaves out of a library's styles the fonts for browsers older than all that the dashboard is built for. */
export function fonts(): Plugin {
  return {
    name: "farebox:fonts",
    enforce: "pre",
    transform: {
      filter: { id: /katex.*\.css/ },
      handler: (code) => code.replace(OLDER, ""),
    },
  };
}
