/** Finds texts that a person reads and that are not in the catalogue. It guesses by where a text stands and how it looks. */
import ts from "typescript";

export type TextNode = ts.JsxText | ts.StringLiteralLike | ts.TemplateExpression;

/** Attributes that are always read, whatever they look like. */
const READ = new Set(
  "alt aria-label aria-description aria-roledescription action closeButtonLabel description empty error label lead legend note placeholder title told what valueFormat".split(
    " ",
  ),
);
/** Attributes and properties that never are. */
const UNREAD = new Set(
  "accept aria-controls shortcut maxHeight queryKey mutationKey aria-labelledby autoComplete className component d dataKey fontFamily href id inputMode key method mode path rel role src style target to transform type variant viewBox width".split(
    " ",
  ),
);
/** Calls whose words are for machines. */
const MACHINES =
  /^(api|openApi|fetch|fetchSignedIn|page|pageBelow|go|navigate|useMediaQuery|useSearch|getInputProps|key|get|set|has|append|delete|startsWith|endsWith|includes|replace|replaceAll|split|join|indexOf|slice|padStart|padEnd|querySelector|createElement|getElementById|addEventListener|removeEventListener|setItem|getItem|removeItem|matchMedia|stores|supportedValuesOf|css|url)$/;
/** What is made of words for machines. A sentence in an error, with its full stop, is told to a person. */
const MADE = /^(Error|TypeError|RangeError|Request|URL|RegExp|Intl\.\w+|DOMException|KeyboardEvent)$/;
/** Elements whose content is code, or in the catalogue. */
const NO_TEXT = new Set(["Trans", "Plural", "Select$", "Code", "code", "kbd", "Kbd", "pre"]);
/** Looks like a text, and is none: names that are sent and compared, or the same in every language. */
const NAMES = new Set(
  "Dashboard chat|Problem|Farebox|Idempotency-Key|Python|Node|Claude Code|Codex|Cline|Roo Code|Edge|Opera|Samsung Internet|Firefox|Chrome|Safari|Android|ChromeOS|Windows|Linux|Acme".split(
    "|",
  ),
);
/** Files of code for others to run. */
export const SNIPPETS = /kit\/snippets\/(agents|call|libraries)\.ts$/;
/** Code that is shown, and units. */
const CODE =
  /^(curl|from \w+ import|import|export|npm|pip) |^0? ?(ms|s|kB|MB|GB)$|^\S*[_/:]\S*$|^\S+ = \S+$|^\S+\n\S+ = |(sans-serif|monospace)$|^The file 0:|^0 beside$|^\{"/;

/** The texts of a file, from its beginning to its end. */
export function looseTexts(file: ts.SourceFile): TextNode[] {
  const found: TextNode[] = [];
  if (SNIPPETS.test(file.fileName)) return found;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isTaggedTemplateExpression(node)) {
      if (node.tag.getText(file) !== "t" || !ts.isTemplateExpression(node.template)) return;
      for (const { expression } of node.template.templateSpans) {
        found.push(...choices(expression).filter((each) => /\p{L}/u.test(each.text)));
        if (choices(expression).length === 0) visit(expression);
      }
      return;
    }
    if (ts.isJsxElement(node) && NO_TEXT.has(node.openingElement.tagName.getText(file))) {
      for (const property of node.openingElement.attributes.properties) visit(property);
      return;
    }
    if (ts.isCallExpression(node) && /^(plural|select|selectOrdinal|t)$/.test(node.expression.getText(file)))
      return;
    if (ts.isJsxText(node)) {
      if (/\p{L}/u.test(node.text) && !NAMES.has(node.text.trim())) found.push(node);
      return;
    }
    if (ts.isTemplateExpression(node) || ts.isStringLiteralLike(node)) {
      if (isRead(node, file)) found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The words between which an expression chooses: within a message, they are a part of it. */
function choices(expression: ts.Expression): ts.StringLiteralLike[] {
  if (!ts.isConditionalExpression(expression)) return [];
  return [expression.whenTrue, expression.whenFalse].filter(ts.isStringLiteralLike);
}

function isRead(node: ts.StringLiteralLike | ts.TemplateExpression, file: ts.SourceFile): boolean {
  const text = wordsOf(node);
  if (!/\p{L}/u.test(text) || NAMES.has(text.replace(/^0 · /, "")) || CODE.test(text)) return false;
  const place = placeOf(node, file);
  if (place === "never") return false;
  if (place === "always") return /\p{L}{2}|\p{Lu}/u.test(text);
  return looksRead(text);
}

/** What stands in a literal, with `0` where a template has a value. */
function wordsOf(node: ts.StringLiteralLike | ts.TemplateExpression): string {
  if (!ts.isTemplateExpression(node)) return node.text;
  return [node.head.text, ...node.templateSpans.map((span) => `0${span.literal.text}`)].join("");
}

function looksRead(text: string): boolean {
  if (/^\s*[a-z]+\s*$/.test(text)) return false;
  if (
    /^[/#.]|^\S*:\/\/|^\(|^var\(|^--|[a-z]-\$|^[A-Z][\w-]*\/\w|^Bearer |^farebox[.-]|figures$|[{}]|;\S|;$|^noopener /.test(
      text,
    )
  )
    return false;
  if (/^[a-z0-9]+([-_.:][a-z0-9]+)+$/.test(text)) return false;
  if (/^(an?|at|by|for|from|in|of|on|per|to) 0/.test(text)) return true;
  return /^[^\p{L}]*\p{Lu}\p{Ll}/u.test(text) || /\p{L}{2}[^\p{L}]*\s|\s[^\p{L}]*\p{L}{2}/u.test(text);
}

/** Whether an error is made of a whole sentence: others are for whoever reads a log. */
function isTold(node: ts.Node, made: ts.NewExpression, file: ts.SourceFile): boolean {
  if (made.expression.getText(file) !== "Error") return false;
  return (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && /[.!?]$/.test(wordsOf(node));
}

/** Whether a literal stands where people always read, or never do. */
function placeOf(node: ts.Node, file: ts.SourceFile): "always" | "never" | "perhaps" {
  let inner = node;
  let isNearest = true;
  const place: "always" | "perhaps" = "perhaps";
  for (let outer = node.parent; outer !== undefined; inner = outer, outer = outer.parent) {
    if (ts.isJsxAttribute(outer)) {
      const name = outer.name.getText(file);
      if (READ.has(name)) return "always";
      return UNREAD.has(name) || name.startsWith("data-") ? "never" : place;
    }
    if (ts.isPropertyAssignment(outer)) {
      if (outer.name === inner) return "never";
      const name = ts.isStringLiteral(outer.name) ? outer.name.text : outer.name.getText(file);
      if (READ.has(name) && name !== "action" && name !== "error") return "always";
      if (UNREAD.has(name) && isNearest) return "never";
      isNearest = false; // further out, a name is what an entry is found by
      continue;
    }
    if (ts.isBinaryExpression(outer) && /[=!]==?|[<>]/.test(outer.operatorToken.getText(file))) {
      if (outer.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return "never";
    }
    if (ts.isCaseClause(outer) || ts.isElementAccessExpression(outer)) return "never";
    if (ts.isPropertyAccessExpression(outer) && inner === node) return "never";
    if (ts.isTaggedTemplateExpression(outer) || ts.isTypeNode(outer) || ts.isEnumMember(outer))
      return "never";
    if (ts.isCallExpression(outer) && inner !== outer.expression) {
      const called = outer.expression;
      const name = ts.isPropertyAccessExpression(called) ? called.name.text : called.getText(file);
      if (/^(api|openApi)\(\)\./.test(called.getText(file)) || MACHINES.test(name)) return "never";
      return place;
    }
    if (ts.isNewExpression(outer)) {
      if (!MADE.test(outer.expression.getText(file))) return place;
      return isTold(node, outer, file) ? "always" : "never";
    }
    if (ts.isConditionalExpression(outer) && inner === outer.condition) return "never";
    if (ts.isFunctionLike(outer) || ts.isStatement(outer)) return place;
  }
  return place;
}
