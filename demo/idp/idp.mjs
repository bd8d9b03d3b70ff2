import { parseArgs } from "node:util";

import { keysIn } from "./keys.mjs";
import { listen } from "./server.mjs";

const { values } = parseArgs({
  options: { port: { type: "string", default: "7440" }, keys: { type: "string" } },
});
const port = Number(values.port);
if (!values.keys || !Number.isInteger(port) || port < 0 || port > 65535) {
  console.error("usage: node idp.mjs --keys FOLDER [--port 7440]");
  process.exit(2);
}

const { server, issuer } = await listen(port, await keysIn(values.keys));
console.log(`ready ${issuer}`);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
