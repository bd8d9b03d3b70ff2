// A service behind the gateway whose every page is an attack on the window that shows it. It has an Organization of its
// own, and prints what its page reports, one JSON object a line.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const { port, folder, plan } = JSON.parse(process.argv[2]);
const page = new URL("./page.html", import.meta.url);
const script = new URL("./page.mjs", import.meta.url);
const tls = { key: readFileSync(`${folder}/tls.key`), cert: readFileSync(`${folder}/tls.pem`) };
const say = (what) => console.log(JSON.stringify(what));

const answers = {
  "": () => ["text/html; charset=utf-8", readFileSync(page)],
  "page.mjs": () => ["text/javascript", readFileSync(script)],
  "plan.json": () => ["application/json", JSON.stringify(plan)],
  "worker.js": () => ["text/javascript", `self.plan = ${JSON.stringify(plan)};\n${readFileSync(new URL("./worker.js", import.meta.url))}`],
  "blank.html": () => ["text/html; charset=utf-8", "<!doctype html><title>A frame</title><p>A frame"],
  "taken.bin": () => ["application/octet-stream", "taken", { "content-disposition": "attachment; filename=countersign-hostile.bin" }],
};

const server = createServer(tls, (request, response) => {
  const address = new URL(request.url, "https://harbour.test");
  const path = /^\/o\/([^/]*)\/([^/]*)$/.exec(address.pathname);
  if (path?.[1] !== plan.organization || address.searchParams.get("organization") || request.headers["x-organization"]) {
    say({ kind: "foreign", method: request.method, path: request.url });
  }
  if (request.method !== "GET") say({ kind: "write", method: request.method, path: request.url });
  if (path?.[2] === "report") {
    say({ kind: "report", name: address.searchParams.get("name"), outcome: address.searchParams.get("outcome") });
    response.writeHead(204).end();
    return;
  }
  const [type, body, more] = answers[path?.[2] ?? "nothing"]?.() ?? [];
  if (!type) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...more });
  response.end(body);
});
server.listen(port, "127.0.0.1", () => say({ kind: "ready", port: server.address().port }));
for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => process.exit(0));
