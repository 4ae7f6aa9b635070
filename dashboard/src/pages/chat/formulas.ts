import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";
import type { Rich } from "./rich";

/** Draws formulas, as MathML: browsers know it by themselves, and screen readers read it. Loaded when there is one. */
const formulas: Rich = {
  remark: [[remarkMath, { singleDollarTextMath: false }]],
  rehype: [[rehypeKatex, { output: "mathml", throwOnError: false, strict: "ignore", trust: false }]],
};
export default formulas;
