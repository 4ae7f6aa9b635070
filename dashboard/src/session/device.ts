import { t } from "@lingui/core/macro";

const BROWSERS: [mark: RegExp, name: string][] = [
  [/\bEdg(A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/.*Safari\//, "Safari"],
];
const SYSTEMS: [mark: RegExp, name: string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, t`a Mac`],
  [/Linux/, "Linux"],
];

/** What a `user-agent` calls itself, as a person says it: "Firefox on Windows". A program's own stays as it is. */
export function deviceName(agent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([mark]) => mark.test(agent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser === undefined) return agent || t`An unknown device`;
  return system === undefined ? browser : t`${browser} on ${system}`;
}

/** Whether it is held in a hand. */
export function isHandheld(agent: string): boolean {
  return /iPhone|iPad|Android|Mobile/.test(agent);
}
