import { expect, test } from "vitest";
import { differences as inZone } from "./difference";

const differences = (before: Parameters<typeof inZone>[0], after: Parameters<typeof inZone>[1]) =>
  inZone(before, after, "Europe/Berlin");

test("only what differs is told, nested fields by their path", () => {
  const before = { status: "active", wallet: { balance: 1_000_000_000, limits: { rpm: 60 } } };
  const after = { status: "suspended", wallet: { balance: 1_000_000_000, limits: { rpm: 120 } } };
  expect(differences(before, after)).toEqual([
    { field: "status", before: "active", after: "suspended" },
    { field: "wallet.limits.rpm", before: "60", after: "120" },
  ]);
});

test("nano-USD are told as exact dollars", () => {
  expect(differences({ balance: 1_000_000_001 }, { balance: 3_500_000_000 })).toEqual([
    { field: "balance", before: "$1.000000001", after: "$3.50" },
  ]);
});

test("of what was not there before, and of what is gone, all is told", () => {
  expect(differences(null, { active: true, source: null })).toEqual([
    { field: "active", before: undefined, after: "yes" },
    { field: "source", before: undefined, after: "none" },
  ]);
  expect(differences({ id: "a" }, null)).toEqual([{ field: "id", before: "a", after: undefined }]);
});

test("counts are grouped, lists of things are told in full, and the ledger's own numbering is left out", () => {
  const after = { limits: { tpm: 1_000_000 }, grants: [{ plan: "pro" }], wallet: { seq: 6 } };
  expect(differences(null, after).map(({ after: said }) => said)).toEqual(["1,000,000", '{"plan":"pro"}']);
});

test("a model that an upstream gained is one line, not a new list", () => {
  const pair = (name: string) => ({ public: name, upstream: `own/${name}` });
  expect(differences({ models: [pair("a")] }, { models: [pair("a"), pair("b")] })).toEqual([
    { field: "models.b", before: undefined, after: "own/b" },
  ]);
});

test("moments are told as everywhere, in the person's zone", () => {
  expect(differences(null, { until_at: "2026-11-29T21:33:09.224343Z" })).toEqual([
    { field: "until_at", before: undefined, after: "29 Nov 2026, 22:33" },
  ]);
});
