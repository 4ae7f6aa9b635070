// What every client's script does: run its checks, and print what came of each as one line of JSON.
import { readFileSync } from "node:fs";

export const BASE_URL = `${process.env.BASE_URL}/v1`;
export const KEY = process.env.API_KEY;
export const SAID = "Hello from LiteLLM";
export const QUESTION = [{ role: "user", content: "Hello" }];

export function versionOf(name) {
  return JSON.parse(readFileSync(`${process.env.NODE_MODULES}/${name}/package.json`)).version;
}

export async function report(client, checks) {
  const results = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      results[name] = (await check()) ? null : "another answer than was expected";
    } catch (error) {
      results[name] = `${error.name}: ${error.message}`.slice(0, 300);
    }
  }
  console.log(JSON.stringify({ client, results }));
}
