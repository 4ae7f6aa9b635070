import { createRoot } from "react-dom/client";
import { App } from "./App";

/** Show the dashboard. */
export function start(): void {
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(<App />);
}
