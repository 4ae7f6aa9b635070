import { t } from "@lingui/core/macro";
import { aider, claudeCode, codex, codexFile, compatibleForm, opencode, opencodeFile } from "./agents";
import type { Call } from "./call";
import { curlSnippet, nodeSnippet, pythonSnippet } from "./libraries";

/** Something to paste: into a terminal, a file or a form. */
export interface Part {
  /** Where it goes, in a few words. */
  where: string;
  text: string;
}

export interface Program {
  /** As docs/clients.md calls it. */
  name: string;
  kind: "library" | "agent";
  /** What it takes to have the program, where that is one command. */
  install?: string;
  parts: (call: Call) => Part[];
}

export const IN_TERMINAL = t`In a terminal`;
export const IN_SETTINGS = t`In its settings`;

export const CLAUDE_CODE = "Claude Code";

const inTerminal = (write: (call: Call) => string) => (call: Call) => [
  { where: IN_TERMINAL, text: write(call) },
];

/** The programs that a first request can be sent with, those that need the least first. */
export const PROGRAMS: Program[] = [
  { name: "curl", kind: "library", parts: inTerminal(curlSnippet) },
  {
    name: "Python",
    kind: "library",
    install: "pip install openai",
    parts: (call) => [{ where: "hello.py", text: pythonSnippet(call) }],
  },
  {
    name: "Node",
    kind: "library",
    install: "npm install openai",
    parts: (call) => [{ where: "hello.mjs", text: nodeSnippet(call) }],
  },
  {
    name: CLAUDE_CODE,
    kind: "agent",
    install: "npm install -g @anthropic-ai/claude-code",
    parts: inTerminal(claudeCode),
  },
  {
    name: "Codex",
    kind: "agent",
    install: "npm install -g @openai/codex",
    parts: (call) => [{ where: "~/.codex/config.toml", text: codexFile(call) }, ...inTerminal(codex)(call)],
  },
  {
    name: "opencode",
    kind: "agent",
    install: "npm install -g opencode-ai",
    parts: (call) => [{ where: "opencode.json", text: opencodeFile(call) }, ...inTerminal(opencode)(call)],
  },
  {
    name: "aider",
    kind: "agent",
    install: "pip install aider-chat",
    parts: inTerminal(aider),
  },
  {
    name: "Cline",
    kind: "agent",
    parts: (call) => [{ where: IN_SETTINGS, text: compatibleForm(call) }],
  },
  {
    name: "Roo Code",
    kind: "agent",
    parts: (call) => [{ where: IN_SETTINGS, text: compatibleForm(call) }],
  },
];
