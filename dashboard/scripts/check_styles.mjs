// Fails where the built dashboard uses a component of Mantine whose styles src/theme/mantine.css does not import, where it
// imports some that nothing uses, or where their order is another than Mantine's.
import { readdirSync, readFileSync } from "node:fs";

const LIST = "src/theme/mantine.css";
const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const CLASS = /\bm_[0-9a-f]+\b/g; // how Mantine's build names every class of its components

const assets = readdirSync(new URL("dist/assets/", root)).filter((file) => file.endsWith(".js"));
const used = new Set(assets.flatMap((file) => read(`dist/assets/${file}`).match(CLASS) ?? []));
const whole = read("node_modules/@mantine/core/styles.css");
const listed = [...read(LIST).matchAll(/"@mantine\/core\/styles\/(\w+)\.css"/g)].map(([, name]) => name);

const needed = readdirSync(new URL("node_modules/@mantine/core/styles/", root))
  .filter((file) => /^\w+\.css$/.test(file))
  .map((file) => [
    file.slice(0, -".css".length),
    read(`node_modules/@mantine/core/styles/${file}`).match(CLASS),
  ])
  .filter(([, classes]) => classes?.some((name) => used.has(name)))
  .map(([name, classes]) => [
    name,
    Math.min(...classes.map((each) => whole.indexOf(`.${each}`)).filter((place) => place >= 0)),
  ])
  .sort(([, one], [, other]) => one - other)
  .map(([name]) => name);
const components = listed.filter((name) => /^[A-Z]/.test(name)); // the rest is what all of them build on

if (components.join() === needed.join()) process.exit(0);
console.error(
  `${LIST} should import the styles of these components, in this order:\n  ${needed.join("\n  ")}`,
);
const differing = [
  ["Missing", needed.filter((name) => !components.includes(name))],
  ["Not needed", components.filter((name) => !needed.includes(name))],
];
for (const [what, names] of differing) if (names.length > 0) console.error(`${what}: ${names.join(", ")}`);
process.exit(1);
