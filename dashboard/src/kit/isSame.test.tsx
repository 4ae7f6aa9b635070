import { expect, test } from "vitest";
import { isSame } from "./isSame";

const key = { id: "key_1" };
const press = () => undefined;

test.each([
  ["text", "a", "a"],
  ["an element", <b key="1">Ada</b>, <b key="1">Ada</b>],
  ["what is in it", <b key="1" style={{ color: "red" }} />, <b key="1" style={{ color: "red" }} />],
  ["a list", [<i key="1" />, null], [<i key="1" />, null]],
  [
    "a function that is one",
    <button key="1" type="button" onClick={press} />,
    <button key="1" type="button" onClick={press} />,
  ],
  ["what a component is given", { key }, { key: { id: "key_1" } }],
])("%s is the same", (_, one, other) => expect(isSame(one, other)).toBe(true));

test.each([
  ["another text", "a", "b"],
  ["another element", <b key="1" />, <i key="1" />],
  ["another key", <b key="1" />, <b key="2" />],
  ["another property", <b key="1" title="a" />, <b key="1" title="b" />],
  ["a property less", <b key="1" title="a" />, <b key="1" />],
  ["a list that is longer", ["a"], ["a", "b"]],
  ["a list beside what is none", ["a"], { 0: "a" }],
  ["nothing beside something", null, {}],
  ["a function that is made anew", { press: () => 1 }, { press: () => 1 }],
  ["a moment", new Date(1), new Date(2)],
])("%s is not the same", (_, one, other) => expect(isSame(one, other)).toBe(false));
