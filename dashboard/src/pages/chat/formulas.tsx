import "katex/dist/katex.min.css";
import { render } from "katex";
import { memo, useLayoutEffect, useRef, useState } from "react";
import type { Components } from "react-markdown";
import remarkMath from "remark-math";
import type { Rich } from "./rich";

/**
 * Draws formulas, and says them as MathML to screen readers: what a browser itself draws of that takes a font for
 * mathematics, which few machines have, and no letters of other kinds, as those of sets. Loaded when there is a formula.
 */
const formulas: Rich = {
  remark: [[remarkMath, { singleDollarTextMath: false }]],
  rehype: [() => place],
  components: { formula: ({ tex, kind }: Props) => <Formula tex={tex} kind={kind} /> } as Components,
};
export default formulas;

interface Node {
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

/** Puts a formula in the place of the code as which the parser marks it. */
function place(node: Node): void {
  for (const child of node.children ?? []) {
    const code = child.tagName === "pre" ? child.children?.[0] : child;
    const kinds = code?.properties?.className;
    if (code?.tagName === "code" && Array.isArray(kinds) && kinds.includes("language-math")) {
      const tex = code.children?.[0]?.value ?? "";
      child.tagName = "formula";
      child.properties = { tex, kind: kinds.includes("math-display") ? "block" : "inline" };
      child.children = [];
    } else place(child);
  }
}

interface Props {
  tex: string;
  kind: "block" | "inline";
}

/** One formula, drawn node by node: the page's policy refuses styles in markup. What is none stays as it was written. */
const Formula = memo(function Formula({ tex, kind }: Props) {
  const drawn = useRef<HTMLSpanElement>(null);
  const [unknown, setUnknown] = useState<string | null>(null);
  const isFormula = unknown !== tex;
  useLayoutEffect(() => {
    if (drawn.current === null) return;
    try {
      render(tex, drawn.current, { displayMode: kind === "block", strict: "ignore", trust: false });
    } catch {
      setUnknown(tex);
    }
  }, [tex, kind]);
  return isFormula ? <span key="drawn" ref={drawn} /> : <code key="written">{tex}</code>;
});
