import rehypeHighlight from "rehype-highlight";
import type { Rich } from "./rich";

/** Colours code by the language that it names. Loaded when there is some. */
const colours: Rich = { remark: [], rehype: [[rehypeHighlight, { detect: false }]] };
export default colours;
