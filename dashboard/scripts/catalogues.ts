/**
 * The catalogues of other languages than English, each in pieces: one that the page begins with, and one for every part
 * that is loaded later by its path from `src/`, as `import("@/pages/usage/UsagePage")` is. A part's texts are loaded
 * before its code is evaluated. What is imported by `import("./Drawing")` has its texts in the piece of what imports it.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createCompilationErrorMessage, createCompiledCatalog, getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import type { Plugin } from "vite";

const ROOT = new URL("../", import.meta.url).pathname;
const SOURCES = join(ROOT, "src");
/** The entry, whose piece the page begins with. */
const FIRST = "main";
const LIST = "virtual:catalogues";
const PIECE = /^virtual:catalogue\/(\w+)\/(.+)$/;
const STATIC = /^(?:import|export)\s(?!type\s)(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gm;
const LAZY = /\bimport\("([^"]+)"\)/g;
const PART = /(?<!typeof )\bimport\("@\/([^"]+)"\)/g;

export function catalogues(): Plugin {
  const config = getConfig({ cwd: ROOT });
  return {
    name: "farebox:catalogues",
    enforce: "pre",
    resolveId(id) {
      return id === LIST || PIECE.test(id) ? `\0${id}` : undefined;
    },
    async load(id) {
      if (id === `\0${LIST}`) return listOf(config.locales, findParts());
      const [, language, part] = PIECE.exec(id.slice(1)) ?? [];
      if (!id.startsWith("\0") || language === undefined || part === undefined) return undefined;
      const [catalogue] = await getCatalogs(config);
      this.addWatchFile(join(ROOT, `src/language/${language}.po`));
      const told = (await catalogue?.read(language)) ?? {};
      const files = filesOf(part);
      const messages = Object.entries(told).flatMap(([message, { translation, origin = [] }]) =>
        origin.some(([file]) => files.has(file)) ? [[message, translation ?? ""]] : [],
      );
      const { source, errors } = createCompiledCatalog(language, Object.fromEntries(messages), {
        namespace: "es",
      });
      if (errors.length > 0) throw new Error(createCompilationErrorMessage(language, errors));
      return { code: source, moduleType: "js" };
    },
    transform: {
      filter: { id: /\/src\/.*\.tsx?$/, code: PART },
      handler(code) {
        const told = code.replaceAll(PART, (whole, part) => `loadTexts("${part}").then(() => ${whole})`);
        return { code: `import { loadTexts } from "@/language/messages";${told}`, map: null };
      },
    },
  };
}

/** A module with a loader of each language's piece of each part. */
function listOf(languages: string[], parts: string[]): string {
  const ofLanguage = (language: string) =>
    parts.map((part) => `"${part}": () => import("virtual:catalogue/${language}/${part}")`).join(",\n");
  return `export default { ${languages.map((each) => `"${each}": { ${ofLanguage(each)} }`)} }`;
}

/** The entry, and whatever is loaded by its path from `src/`, from wherever in the dashboard. */
export function findParts(): string[] {
  const parts = new Set([FIRST]);
  const look = (file: string) => {
    for (const { path, isPart } of importsOf(file)) {
      const found = follow(file, path);
      if (isPart) parts.add(path.slice("@/".length));
      if (found !== null && !seen.has(found)) {
        seen.add(found);
        look(found);
      }
    }
  };
  const seen = new Set<string>();
  look(follow("", `@/${FIRST}`) as string);
  return [...parts].sort();
}

/** The files whose texts are in a part's piece, from the folder of `src/`. What the page begins with has its texts then. */
export function filesOf(part: string): Set<string> {
  const files = reach(part);
  if (part === FIRST) return files;
  const first = reach(FIRST);
  return new Set([...files].filter((file) => !first.has(file)));
}

function reach(part: string): Set<string> {
  const files = new Set<string>();
  const look = (file: string | null) => {
    const name = file === null ? "" : relative(ROOT, file);
    if (file === null || files.has(name)) return;
    files.add(name);
    for (const { path, isPart } of importsOf(file)) if (!isPart) look(follow(file, path));
  };
  look(follow("", `@/${part}`));
  return files;
}

function importsOf(file: string): { path: string; isPart: boolean }[] {
  const code = readFileSync(file, "utf8");
  return [
    ...[...code.matchAll(STATIC)].map(([, path = ""]) => ({ path, isPart: false })),
    ...[...code.matchAll(LAZY)].map(([, path = ""]) => ({ path, isPart: path.startsWith("@/") })),
  ];
}

/** The source file that an import names; `null` where it is none: a library, or styles. */
function follow(from: string, path: string): string | null {
  if (!/^(@|\.\.?)\//.test(path)) return null;
  const bare = path.startsWith("@/") ? join(SOURCES, path.slice("@/".length)) : join(dirname(from), path);
  return [`${bare}.ts`, `${bare}.tsx`].find((file) => existsSync(file)) ?? null;
}
