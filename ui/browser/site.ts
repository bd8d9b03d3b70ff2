import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { build } from "vite";

const kinds: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };
const shell = JSON.parse(readFileSync(new URL("../../src-tauri/tauri.conf.json", import.meta.url), "utf8"));

/** The policy under which the app's own pages run, word for word. */
export const appPolicy = Object.entries(shell.app.security.csp as Record<string, string>)
  .map(([name, value]) => `${name} ${value}`)
  .join("; ");

/** The policy that the shell sends with the replay player, word for word; only the frame's parent has another name here. */
export const playerPolicy = (parent: string): string => {
  const source = readFileSync(new URL("../../src-tauri/src/replay.rs", import.meta.url), "utf8");
  const policy = /const POLICY: &str = "([^;"][^"]*)";/.exec(source)?.[1]?.replace(/\\\n\s*/g, "");
  if (!policy) throw new Error("the player's policy is not where it was");
  return policy.replace(/frame-ancestors .*$/, `frame-ancestors ${parent}`);
};

const BEFORE = "/before.js";

/** The pages with the engine in memory, built as for the app and served under the app's policy; the player on an origin of its own. */
export class Site {
  readonly asked: string[] = [];

  private constructor(
    readonly folder: string,
    private readonly servers: Server[],
    readonly app: string,
    readonly player: string,
    /** What runs in the app's pages before their own scripts. */
    private readonly before: string,
  ) {}

  static async start(before = ""): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), "countersign-site-"));
    // As it ships: some of what is built in checks for a test run and behaves otherwise.
    const mode = process.env.NODE_ENV;
    process.env.NODE_ENV = "production";
    await build({ mode: "story", logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
    process.env.NODE_ENV = mode;
    const [app, player] = [createServer(), createServer()];
    const [appAt, playerAt] = [await listen(app), await listen(player)];
    const site = new Site(folder, [app, player], appAt, playerAt, before);
    app.on("request", site.answer(appPolicy.replace(/frame-src [^;]*/, `frame-src ${playerAt}`)));
    player.on("request", site.answer(playerPolicy(appAt)));
    return site;
  }

  stop() {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answer(policy: string) {
    return (request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => {
      const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
      this.asked.push(path);
      if (path === "/favicon.ico") return response.writeHead(204).end();
      try {
        if (path === BEFORE) return response.writeHead(200, { "content-type": "text/javascript" }).end(this.before);
        let body = readFileSync(join(this.folder, path === "/" ? "index.html" : path));
        if (this.before && ["/", "/bar.html"].includes(path))
          body = Buffer.from(body.toString().replace("<head>", `<head><script src="${BEFORE}"></script>`));
        const kept = path.startsWith("/assets/") ? { "cache-control": "max-age=600, immutable" } : {};
        response.writeHead(200, { "content-type": kinds[extname(path)] ?? "text/html", "content-security-policy": policy, ...kept });
        response.end(body);
      } catch {
        response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>Nothing</title>");
      }
    };
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
