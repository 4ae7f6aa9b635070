// Fails where what a first visit loads (the page, its scripts and styles, the fonts of the Latin script, and the texts of
// another language than English) is more than 300 kB gzipped in any language, where charts or Markdown are part of it, or where anything loaded later is a piece of over 150 kB.
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_BYTES = 300_000;
const CHUNK_LIMIT_BYTES = 150_000; // of what is loaded in one piece
const MUST_BE_LAZY = ["recharts", "mdast"]; // words that the charts' and Markdown's own code holds when it is built

const dist = new URL("../dist/", import.meta.url);
if (!existsSync(new URL("manifest.json", dist))) {
  console.error("There is no build to weigh: run `npm run build` first.");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));
// What a page loads before it shows anything, beyond the entry itself.
const FIRST_PAGES = {
  "signing in": ["src/app/start.tsx", "src/pages/sign-in/SignInPage.tsx"],
  "the overview": ["src/app/start.tsx", "src/app/Shell.tsx", "src/pages/overview/OverviewPage.tsx"],
};

const CATALOGUE = /^virtual:catalogue\/(\w+)\/main$/;
const LANGUAGES = ["en", ...Object.keys(manifest).flatMap((name) => CATALOGUE.exec(name)?.[1] ?? [])];

let failed = false;
for (const [name, modules] of Object.entries(FIRST_PAGES)) {
  for (const language of LANGUAGES) {
    const files = new Set(["index.html", "color-scheme.js"]);
    for (const module of ["index.html", ...modules]) follow(module, files, new Set());
    if (language !== "en") for (const each of texts(language, modules)) follow(each, files, new Set());
    const sizes = [...files].map((file) => [weigh(file), file]).sort(([a], [b]) => b - a);
    const total = sizes.reduce((sum, [size]) => sum + size, 0);
    console.log(`First load of ${name} in ${language}: ${kilobytes(total)} of ${kilobytes(LIMIT_BYTES)}`);
    if (total > LIMIT_BYTES) {
      failed = true;
      for (const [size, file] of sizes) console.error(`  ${kilobytes(size).padStart(9)}  ${file}`);
    }
    for (const library of MUST_BE_LAZY.filter((each) => [...files].some((file) => holds(file, each)))) {
      failed = true;
      console.error(`First load of ${name}: ${library} is part of it, and should be lazy.`);
    }
  }
}
for (const { file } of Object.values(manifest)) {
  if (!file.endsWith(".js") || weigh(file) <= CHUNK_LIMIT_BYTES) continue;
  failed = true;
  console.error(`${file} is ${kilobytes(weigh(file))}: load a part of it when it is needed.`);
}
process.exit(failed ? 1 : 0);

function follow(name, files, seen) {
  if (seen.has(name)) return;
  seen.add(name);
  const chunk = manifest[name];
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  for (const asset of chunk.assets ?? []) if (/geist-latin-wght/.test(asset)) files.add(asset);
  for (const next of chunk.imports ?? []) follow(next, files, seen);
}

/** The texts of what modules begin with, in another language than English. */
function texts(language, modules) {
  const parts = ["main", ...modules.map((module) => /^src\/(.+)\.tsx?$/.exec(module)[1])];
  return parts.map((part) => `virtual:catalogue/${language}/${part}`).filter((name) => name in manifest);
}

function weigh(file) {
  const content = readFileSync(new URL(file, dist));
  return file.endsWith(".woff2") ? content.length : gzipSync(content).length;
}

function holds(file, text) {
  return file.endsWith(".js") && readFileSync(new URL(file, dist), "utf8").includes(text);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
