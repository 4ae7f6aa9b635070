import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const PAGES = new URL("../pages/", import.meta.url);
const FIRST_LINE = ["figure", "price", "action"];

/** What a column is made of, as it is written; `null` for what is no column. */
function columnOf(node: ts.Expression): Map<string, string> | null {
  if (!ts.isObjectLiteralExpression(node)) return null;
  const fields = new Map<string, string>();
  for (const each of node.properties) {
    if (ts.isPropertyAssignment(each)) fields.set(each.name.getText(), each.initializer.getText());
  }
  return fields.has("title") && fields.has("show") ? fields : null;
}

/** The columns of each table of a file. */
function tablesOf(source: ts.SourceFile): { line: number; columns: Map<string, string>[] }[] {
  const tables: ReturnType<typeof tablesOf> = [];
  const visit = (node: ts.Node): void => {
    if (ts.isArrayLiteralExpression(node)) {
      const columns = node.elements.map(columnOf).filter((each) => each !== null);
      if (columns.length > 1) {
        tables.push({ line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, columns });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return tables;
}

test("a table with figures names the one that a phone shows at the end of a row's first line", () => {
  const files = readdirSync(PAGES, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.tsx$/.test(file),
  );
  const tables = files.flatMap((file) => {
    const text = readFileSync(new URL(file, PAGES), "utf8");
    if (!/PagedTable/.test(text)) return [];
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return tablesOf(source).map((table) => ({ ...table, file }));
  });
  expect(tables.length).toBeGreaterThan(20);
  const unnamed = tables
    .filter(({ columns }) => columns.some((column) => column.get("align") === '"right"'))
    .filter(({ columns }) => {
      const places = columns.map((column) => column.get("place")?.replaceAll('"', "") ?? "");
      return !places.some((place) => FIRST_LINE.includes(place));
    });
  expect(unnamed.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});
