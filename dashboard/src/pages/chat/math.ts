/**
 * Mathematics as models write it, as the parser takes it: `\(x\)`, `\[x\]` and `$x$` become `$$x$$`. A single dollar is
 * money unless what it holds looks like a formula, and code is left alone.
 */

const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;
const BLOCK = /\\\[([\s\S]+?)\\\]/g;
const INLINE = /\\\((.+?)\\\)/g;
const DOLLAR = /(?<![\\$\w])\$(?!\s)([^$\n]*?[\\^_={][^$\n]*?)(?<!\s)\$(?![\d$])/g;

export function withMath(text: string): string {
  return text
    .split(CODE)
    .map((part, index) => (index % 2 === 1 ? part : marked(part)))
    .join("");
}

/** Whether there is any: only then its library is worth loading. */
export function hasMath(text: string): boolean {
  return withMath(text).includes("$$");
}

function marked(part: string): string {
  return part
    .replace(BLOCK, (_, formula: string) => `\n$$\n${formula.trim()}\n$$\n`)
    .replace(INLINE, (_, formula: string) => `$$${formula.trim()}$$`)
    .replace(DOLLAR, (_, formula: string) => `$$${formula}$$`);
}
