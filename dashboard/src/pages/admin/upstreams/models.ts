import { t } from "@lingui/core/macro";

/** A mapping as lines to type in: one model a line, `public = own` where the names differ, or have a `=` in them. */
export function toLines(models: Record<string, string>): string {
  return Object.entries(models)
    .map(([name, own]) => (name === own && !name.includes("=") ? name : `${name} = ${own}`))
    .join("\n");
}

/** The mapping that lines say, or what is wrong with them. Names have no spaces, but may have a `=`. */
export function parseLines(text: string): { models: Record<string, string> } | { problem: string } {
  const models: Record<string, string> = {};
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const [name = "", own = name, ...rest] = line.split(line.match(/\s=\s/) ? /\s+=\s+/ : /\s*=\s*/);
    if (name === "" || own === "" || rest.length > 0 || /\s/.test(name + own)) {
      return {
        problem: t`Write "name" or "name = the upstream's name", not ${{ line: JSON.stringify(line.slice(0, 60)) }}.`,
      };
    }
    if (Object.hasOwn(models, name)) return { problem: t`${name} is there twice.` };
    models[name] = own;
  }
  return Object.keys(models).length === 0 ? { problem: t`Name at least one model.` } : { models };
}

export function isModels(text: string): string | null {
  const read = parseLines(text);
  return "problem" in read ? read.problem : null;
}
