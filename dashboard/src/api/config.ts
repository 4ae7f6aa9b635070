/** What is known only where the build is served: `config.json` beside `index.html`. */
export interface RuntimeConfig {
  /** The API's origin without a slash at its end; empty where it is the page's own. */
  apiBase: string;
}

let current: RuntimeConfig = { apiBase: "" };

/** Read `config.json`, once, before anything asks the API. A missing file means: the API is here. */
export async function loadConfig(): Promise<void> {
  try {
    const answer = await fetch("/config.json", { cache: "no-cache" });
    if (!answer.ok) return;
    const given = (await answer.json()) as { api_base?: unknown };
    if (typeof given.api_base === "string") current = { apiBase: given.api_base.replace(/\/+$/, "") };
  } catch {
    // No such file, or no JSON: the page's own origin is as good a guess as any, and a wrong one shows at once.
  }
}

export function config(): RuntimeConfig {
  return current;
}
