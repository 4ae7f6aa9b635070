import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Call } from "./call";
import { curlSnippet, pythonSnippet } from "./libraries";
import { PROGRAMS } from "./programs";

const CALL: Call = {
  origin: "https://fare.example",
  secret: "fb-live-1-s",
  model: "it's",
  facts: {
    contextTokens: 128_000,
    outputTokens: 16_384,
    inputUsd: "0.15",
    outputUsd: "0.60",
    cachedUsd: "0.075",
    seesImages: true,
  },
};

const textsOf = (name: string, call: Call = CALL) =>
  PROGRAMS.find((program) => program.name === name)
    ?.parts(call)
    .map(({ text }) => text) ?? [];

test("each coding agent that the docs tell of is among them", () => {
  const docs = readFileSync(new URL("../../../../docs/clients.md", import.meta.url), "utf8");
  const [, section = ""] = /## Coding agents\n([\s\S]*?)\n## /.exec(docs) ?? [];
  const told = [...section.matchAll(/^\*\*(.+?)\*\*/gm)].flatMap(([, names = ""]) => names.split(", "));
  const agents = PROGRAMS.filter(({ kind }) => kind === "agent").map(({ name }) => name);
  expect(told).not.toEqual([]);
  expect(agents).toEqual(expect.arrayContaining(told));
});

test("curl is told the whole address, the key, and a body that no quote breaks out of", () => {
  const text = curlSnippet(CALL);
  expect(text).toContain("curl https://fare.example/v1/chat/completions");
  expect(text).toContain('-H "Authorization: Bearer fb-live-1-s"');
  expect(text).toContain(`"model": "it'\\''s"`);
});

test("what is run in a shell names the model as one word, whatever it is called", () => {
  for (const name of ["Claude Code", "opencode", "aider"]) {
    const command = textsOf(name).at(-1)?.split("\n").at(-1) ?? "";
    const words = execFileSync(
      "sh",
      ["-c", `print() { for each; do echo "$each"; done; }; print ${command}`],
      {
        encoding: "utf8",
      },
    );
    expect(words.split("\n")).toContain(
      name === "aider" ? "openai/it's" : name === "opencode" ? "farebox/it's" : "it's",
    );
  }
});

test("Claude Code asks the Claude of each size where there are any, and every other program what was chosen", () => {
  const claude = { main: "sonnet-2", opus: "opus-1", sonnet: "sonnet-2", haiku: "haiku-3" };
  const call = { ...CALL, model: "gpt", claude };
  const command = textsOf("Claude Code", call).join("\n");
  expect(command).toContain("claude --model sonnet-2 ");
  expect(command).toContain(
    "ANTHROPIC_DEFAULT_OPUS_MODEL=opus-1 ANTHROPIC_DEFAULT_SONNET_MODEL=sonnet-2 ANTHROPIC_DEFAULT_HAIKU_MODEL=haiku-3",
  );
  for (const { name, parts } of PROGRAMS) {
    if (name === "Claude Code") continue;
    const text = parts(call)
      .map((part) => part.text)
      .join();
    expect(text, name).toContain("gpt");
    expect(text, name).not.toContain("sonnet");
  }
});

test("Python is told the address of the API, to which the library adds the path", () => {
  expect(pythonSnippet(CALL)).toContain('base_url="https://fare.example/v1"');
  expect(pythonSnippet(CALL)).toContain(`model="it's"`);
});

test("opencode is told which model to begin with, and prices and limits as numbers, in a file that is JSON", () => {
  const [file = ""] = textsOf("opencode");
  expect(JSON.parse(file).model).toBe("farebox/it's");
  const model = JSON.parse(file).provider.farebox.models["it's"];
  expect(model.cost).toEqual({ input: 0.15, output: 0.6, cache_read: 0.075 });
  expect(model.limit).toEqual({ context: 128_000, output: 16_384 });
  const [bare = ""] = textsOf("opencode", { ...CALL, facts: undefined });
  expect(JSON.parse(bare).provider.farebox.models["it's"]).toEqual({ name: "it's" });
});

test("a key that is not known any more is read from the environment", () => {
  for (const { name, kind } of PROGRAMS) {
    const text = textsOf(name, { ...CALL, secret: null }).join("\n");
    expect(text).not.toContain("null");
    if (name !== "Cline" && name !== "Roo Code") expect(text, `${name} (${kind})`).toContain("FAREBOX_KEY");
  }
});
