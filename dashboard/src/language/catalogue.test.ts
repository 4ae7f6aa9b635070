import { readdirSync, readFileSync } from "node:fs";
import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { filesOf, findParts } from "../../scripts/catalogues.ts";
import { looseTexts } from "../../scripts/texts.ts";

const SOURCES = new URL("../", import.meta.url);
const config = getConfig({ cwd: new URL("../../", import.meta.url).pathname });

/** What a message is filled with, and the elements in it. */
function places(message: string): string[] {
  const found = new Set<string>();
  const walk = (tokens: unknown): void => {
    if (typeof tokens === "string") for (const [tag] of tokens.matchAll(/<\/?\w+\/?>/g)) found.add(tag);
    if (!Array.isArray(tokens)) return;
    for (const token of tokens) {
      if (!Array.isArray(token)) walk(token);
      else {
        found.add(String(token[0]));
        for (const choice of Object.values(token[2] ?? {})) walk(choice);
      }
    }
  };
  walk(compileMessage(message));
  return [...found].sort();
}

describe.each(config.locales)("the catalogue of %s", (language) => {
  let missing: string[];
  let unused: string[];
  let differing: string[];
  let strayed: string[];

  beforeAll(async () => {
    const [catalog] = await getCatalogs(config);
    const inCode = (await catalog?.collect()) ?? {};
    const told = (await catalog?.read(language)) ?? {};
    const messages = Object.entries(inCode).map(([id, { message = "" }]) => ({ id, message }));
    missing = messages.filter(({ id }) => !told[id]?.translation).map(({ message }) => message);
    unused = Object.entries(told)
      .filter(([id]) => !(id in inCode))
      .map(([, { message = "" }]) => message);
    differing = messages
      .filter(({ id, message }) => String(places(told[id]?.translation ?? "")) !== String(places(message)))
      .map(({ message }) => message);
    const files = new Set(findParts().flatMap((part) => [...filesOf(part)]));
    const placesOf = (origin: [string, number?][] = []) => origin.map(([file]) => file).sort();
    strayed = Object.entries(inCode)
      .filter(([id, { origin }]) => String(placesOf(origin)) !== String(placesOf(told[id]?.origin)))
      .concat(
        Object.entries(inCode).filter(([, { origin = [] }]) => !origin.every(([file]) => files.has(file))),
      )
      .map(([, { message = "" }]) => message);
  }, 120_000);

  test("translates every message: else run `npm run messages`, and translate what is new", () =>
    expect(missing).toEqual([]));
  test("has no message that nothing tells: else run `npm run messages`", () => expect(unused).toEqual([]));
  test("has each message beside what tells it, in a piece that is loaded before: else run `npm run messages`", () =>
    expect(strayed).toEqual([]));
  test("has the places of the English messages", () => expect(differing).toEqual([]));
});

test("every text that a person reads is in the catalogue: t`…` or <Trans>", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.|\.d\.ts$|^(language|testing)\//.test(file),
  );
  const loose = files.flatMap((file) => {
    const text = readFileSync(new URL(file, SOURCES), "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return looseTexts(source).map(
      (node) =>
        `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`,
    );
  });
  expect(loose).toEqual([]);
}, 60_000);

test.each([
  ["const words = { key: { text: 'Send the first request' } };", ["Send the first request"]],
  ["throw new Error('This file is too large.');", ["This file is too large."]],
  ["throw new Error('index.html has no #root');", []],
  ["const row = { key: 'Monthly total' };", []],
])("in %s, %j is a text that a person reads", (code, texts) => {
  const source = ts.createSourceFile("pages/some.ts", code, ts.ScriptTarget.Latest, true);
  expect(looseTexts(source).map((node) => node.getText().slice(1, -1))).toEqual(texts);
});
