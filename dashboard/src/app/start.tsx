import { createRoot } from "react-dom/client";
import { keepFocus } from "@/kit/keepFocus";
import { standInDialogs } from "@/kit/standInDialogs";
import { printLight } from "@/theme/printLight";
import { App } from "./App";

/** Show the dashboard. */
export function start(): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  keepFocus();
  standInDialogs();
  printLight();
  createRoot(root).render(<App />);
}
