import "@fontsource-variable/geist";
import "@fontsource-variable/geist-mono";
import "./theme/mantine.css";
import "./theme/global.css";
import { createRoot } from "react-dom/client";
import { loadConfig } from "./api/config";
import { App } from "./app/App";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await loadConfig();
createRoot(root).render(<App />);
