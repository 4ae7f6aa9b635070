import type { Plugin } from "vite";

/** Has the page fetch a module that is imported later, and what that imports, together with the entry. */
export function preload(module: string): Plugin {
  return {
    name: "farebox:preload",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((each) => each.type === "chunk");
        const own = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(module));
        return [own?.fileName ?? [], own?.imports ?? []].flat().map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
        }));
      },
    },
  };
}
