/**
 * Mathematics as models write it, as the parser takes it: `\(x\)` and `$x$` become `$$x$$`, and `\[x\]`, or `$$x$$` in lines
 * of its own, has its marks in lines of their own: a mark with something after it would take all that follows for a
 * formula. A single dollar is money unless what it holds looks like a formula, and code is left alone.
 */

const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;
const BLOCK = /^([ \t]*)\\\[([\s\S]+?)\\\]/gm;
const BLOCK_WITHIN = /\\\[([\s\S]+?)\\\]/g;
const OWN_LINES = /^([ \t]*)\$\$(?!\$)([^$]+?)\$\$([.,;]?)[ \t]*$/gm;
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
    .replace(OWN_LINES, (_, indent: string, formula: string, end: string) =>
      inLines(formula.trim() + end, indent),
    )
    .replace(BLOCK, (_, indent: string, formula: string) => `\n${inLines(formula, indent)}\n`)
    .replace(BLOCK_WITHIN, (_, formula: string) => `\n${inLines(formula, "")}\n`)
    .replace(INLINE, (_, formula: string) => `$$${formula.trim()}$$`)
    .replace(DOLLAR, (_, formula: string) => `$$${formula}$$`);
}

/** A formula in lines of its own, indented as the item of a list that it belongs to. */
function inLines(formula: string, indent: string): string {
  const lines = ["$$", ...formula.trim().split("\n"), "$$"];
  return lines.map((line) => indent + line.trim()).join("\n");
}
