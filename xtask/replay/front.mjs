// A TLS end before a service that has none: what comes in is handed on byte by byte.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";

const [folder, port] = process.argv.slice(2);
const tls = { key: readFileSync(`${folder}/tls.key`), cert: readFileSync(`${folder}/tls.pem`) };
const server = createServer(tls, (near) => {
  const far = connect(Number(port), "127.0.0.1");
  for (const [one, other] of [[near, far], [far, near]]) one.on("error", () => other.destroy()).on("close", () => other.destroy()).pipe(other);
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => process.exit(0));
