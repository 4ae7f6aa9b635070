import { expect, test } from "vitest";
import { chosenOf, lanesOf, toldTo } from "./lanes";
import type { Message } from "./store";

const LANES = lanesOf({ model: "m", second: "n" });
const [FIRST, BESIDE] = LANES as [(typeof LANES)[0], (typeof LANES)[0]];

let at = 0;

function said(content: string, more: Partial<Message> = {}): Message {
  const role = more.model === undefined ? ("user" as const) : ("assistant" as const);
  at++;
  return { id: `${content}-${at}`, conversation: "c", uid: "ada", position: at, at, role, content, ...more };
}

function pair(slot: string, first: string, beside: string): Message[] {
  return [
    said(first, { model: "m", versionOf: slot }),
    said(beside, { model: "n", versionOf: slot, isBeside: true }),
  ];
}

const contents = (messages: Message[]) => messages.map(({ content }) => content);

test("of two models side by side each goes on with its own answers", () => {
  const messages = [said("Hello"), ...pair("1", "Hi", "Ho"), said("And?"), ...pair("2", "Yes", "No")];
  expect(contents(toldTo(FIRST, messages))).toEqual(["Hello", "Hi", "And?", "Yes"]);
  expect(contents(toldTo(BESIDE, messages))).toEqual(["Hello", "Ho", "And?", "No"]);
});

test("both go on with the one that was chosen", () => {
  const [first, beside] = pair("1", "Hi", "Ho") as [Message, Message];
  const messages = [said("Hello"), { ...first, chosenAt: 100 }, beside];
  for (const lane of LANES) expect(contents(toldTo(lane, messages))).toEqual(["Hello", "Hi"]);
  expect(chosenOf(messages.slice(1))?.content).toBe("Hi");
});

test("a model that goes on alone does so with what it said itself, whichever place it had", () => {
  const messages = [said("Hello"), ...pair("1", "Hi", "Ho")];
  expect(contents(toldTo({ model: "n", isBeside: false }, messages))).toEqual(["Hello", "Ho"]);
  expect(contents(toldTo({ model: "another", isBeside: false }, messages))).toEqual(["Hello", "Hi"]);
});

test("one that has said nothing goes on with the other's answer", () => {
  const messages = [said("Hello"), ...pair("1", "Hi", "")];
  expect(contents(toldTo(BESIDE, messages))).toEqual(["Hello", "Hi"]);
});

test("of answers that were asked for one after the other the latest is told", () => {
  const messages = [
    said("Hello"),
    said("Hi", { model: "m", id: "1" }),
    said("Ho", { model: "m", versionOf: "1" }),
  ];
  expect(contents(toldTo(FIRST, messages))).toEqual(["Hello", "Ho"]);
});
