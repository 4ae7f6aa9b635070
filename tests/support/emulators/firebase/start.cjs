// Usage: node start.cjs FOLDER HOST:PORT PROJECT
// Serves the Auth emulator of the firebase-tools that are installed in a folder, without the command line around it: it
// is ready in a quarter of the time. Most of that goes into a validator for each operation, so those that nobody here
// asks for are left out.
const { createRequire } = require("node:module");

const [folder, address, projectId] = process.argv.slice(2);
const [host, port] = address.split(":");
const need = createRequire(`${folder}/package.json`);

const spec = need("firebase-tools/lib/emulator/auth/apiSpec").default;
const ASKED =
  /^\/v1\/(projects\/[^/]+\/)?accounts(:(delete|lookup|resetPassword|sendOobCode|signInWithIdp|signInWithPassword|signUp|update))?$|^\/v1\/token$|^\/emulator\/v1\/projects\/[^/]+\/(accounts|config|oobCodes)$/;
for (const path of Object.keys(spec.paths)) {
  if (!ASKED.test(path)) delete spec.paths[path];
}

const { AuthEmulator } = need("firebase-tools/lib/emulator/auth");
new AuthEmulator({ host, port: Number(port), projectId }).start();
