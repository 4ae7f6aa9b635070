import "@fontsource-variable/geist";
import "@fontsource-variable/geist-mono";
import "./theme/mantine.css";
import "./theme/global.css";
import { loadConfig } from "./api/config";
import { startLanguage } from "./language/messages";

// Only then is anything evaluated that has texts: see language/language.ts.
await Promise.all([loadConfig(), startLanguage()]);
const { start } = await import("./app/start");
start();
