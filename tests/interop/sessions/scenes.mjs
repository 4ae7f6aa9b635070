// What every script of a program on Node does: play each scene of a session, and print what came of them. See scenes.py.
import { readFileSync } from "node:fs";

export const BASE_URL = process.env.BASE_URL;
export const QUESTION = "Hello";
export const IMAGE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const { API_KEY, POOR_KEY, UPSTREAM_KIND, NODE_MODULES } = process.env;
const PATIENCE_S = 45;
const told = (said, results) => said.includes("They came to") && said.split(" | ").length === results;
const ENDS = {
  text: (said) => said.includes("Hello from the script"),
  stream: (said) => said.includes("Hello from the script"),
  parallel: (said) => told(said, 2),
  loop: (said) => told(said, 3),
  reasoning: (said) => told(said, 3),
  image: (said) => said.includes("I see image/png"),
};
const SPENT_USD = {}; // by the model: what the program says that it cost, where it has an idea of that
const REFUSALS = { empty: [POOR_KEY, 402], wrong: ["fb-live-wrong-wrong", 401] };

export function versionOf(name) {
  return JSON.parse(readFileSync(`${NODE_MODULES}/${name}/package.json`)).version;
}

export function spend(model, usd) {
  SPENT_USD[model] = (SPENT_USD[model] ?? 0) + usd;
}

async function outcome(family, scene, ask) {
  const [key, status] = REFUSALS[scene] ?? [API_KEY];
  const played = status ? "text" : scene;
  const begun = Date.now();
  try {
    const said = await ask(played, `${family}-${played === "stream" ? "text" : played}-on-${UPSTREAM_KIND}`, key);
    if (status) return `no error: ${said}`;
    return ENDS[scene](said) ? null : `another answer than was expected: ${said}`.slice(-600);
  } catch (error) {
    const took = (Date.now() - begun) / 1000;
    if (took > PATIENCE_S) return `it tried for ${took} s: ${error.message}`;
    return status && error.statusCode === status ? null : `${error.name}: ${error.message}`.slice(0, 600);
  }
}

export async function play(client, family, ask) {
  const results = {};
  for (const scene of [...Object.keys(ENDS), ...Object.keys(REFUSALS)]) results[scene] = await outcome(family, scene, ask);
  console.log(JSON.stringify({ client, results, spent_usd: SPENT_USD }));
}
