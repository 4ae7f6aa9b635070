import { expect, test } from "vitest";
import { isRest, readRest, restChange, restOf, sayKey, sayRest, writeRest } from "./rest";
import type { Upstream } from "./upstreams";

const UPSTREAM = {
  id: "a",
  base_url: "https://a.example/v1",
  models: { m: "m" },
  priority: 1,
  speaks: ["chat", "messages"],
  headers: { "x-team": null },
  pass_fields: null,
  enabled: true,
  has_api_key: true,
  unopened: [],
  since_a_later_version: 1,
} as unknown as Upstream;

test("every setting that has no field of its own can be seen and changed, a later version's too", () => {
  const rest = restOf(UPSTREAM);
  expect(rest).toEqual({
    speaks: ["chat", "messages"],
    headers: { "x-team": null },
    since_a_later_version: 1,
  });
  expect(readRest(writeRest(rest))).toEqual(rest);
  expect(restChange(rest, rest)).toEqual({});
});

test("what is taken out is the default again, and what is not touched is not sent", () => {
  const { speaks: _, ...others } = restOf(UPSTREAM);
  expect(restChange(restOf(UPSTREAM), { ...others, pass_fields: ["top_k"] })).toEqual({
    speaks: null,
    pass_fields: ["top_k"],
  });
});

test.each([
  ["", null],
  ["{}", null],
  ["[]", "Write a JSON object"],
  ["{", "Write a JSON object"],
  ['{"weight": 2}', "weight has a field of its own above"],
])("%s is told to be right or wrong", (typed, said) =>
  expect(isRest(typed)).toEqual(said === null ? null : expect.stringContaining(said)),
);

test("each setting is told in words, without what is secret", () => {
  const rest = {
    auth: { header: "x-api-key" },
    speaks: ["chat", "messages"],
    headers: { "x-team": null },
    query: { key: { secret: "named" } },
    developer_role: false,
    drop_fields: [],
    priced_as: { fast: "gpt" },
    later: 3,
  };
  expect(sayRest(rest).map(([, said]) => said)).toEqual([
    "In the header x-api-key",
    "chat, messages",
    "x-team",
    "key",
    "No",
    "None",
    "fast as gpt",
    "3",
  ]);
});

test("a key that does not open is told of, and is no setting", () => {
  const closed = { ...UPSTREAM, unopened: ["api_key"] };
  expect(sayKey(closed)).toContain("send anew api_key");
  expect(restOf(closed)).toEqual(restOf(UPSTREAM));
});
