import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { catalogues } from "./scripts/catalogues.ts";
import { fonts } from "./scripts/fonts.ts";
import { macros } from "./scripts/macros.ts";
import { preload } from "./scripts/preload.ts";

const API = process.env.FAREBOX_API ?? "http://localhost:8080";
const API_PATHS = ["/api", "/v1", "/sandbox", "/docs", "/openapi.json", "/health"];

// What many pages share and the first ones do without: forms and tables, each a file of its own.
const APART =
  /@mantine\/(form|dates)\/|@tanstack\/(react-virtual|virtual-core)\/|src\/kit\/rows|@mantine\/core\/esm\/components\/(Accordion|Checkbox|Combobox|Divider|Drawer|Fieldset|FloatingIndicator|Input|InputBase|ModalBase|MultiSelect|NumberInput|PasswordInput|Pill|PillsInput|Radio|ScrollArea|SegmentedControl|Select|Switch|Table|Tabs|TagsInput|TextInput)\//;

export default defineConfig({
  plugins: [lingui(), catalogues(), macros(), fonts(), react(), preload("src/app/start.tsx")],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the policy lets fonts come from files alone
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What is evaluated before the language is settled must bring nothing with it that has texts.
            {
              name: "language",
              test: /@lingui\/core|src\/(language\/\w+\.ts|api\/config)|virtual:catalogues|preload-helper/,
              priority: 1,
            },
            // What most pages share is one file: dozens of tiny ones compress badly and cost a request each.
            { name: "icons", minShareCount: 4, test: /lucide-react.*icons/ },
            { name: "shared", minShareCount: 14, test: (id) => !APART.test(id) },
          ],
        },
      },
    },
    reportCompressedSize: false,
    manifest: "manifest.json", // what scripts/check_size.mjs follows
  },
  server: { proxy: Object.fromEntries(API_PATHS.map((path) => [path, API])) },
  test: {
    environment: "node", // a file that needs a browser's objects says `@vitest-environment happy-dom`
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    isolate: false, // a file that wants a fresh module asks for one: a process for each takes most of the time
  },
});
