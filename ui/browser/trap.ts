import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as listenRaw, type Server as RawServer } from "node:net";

/** Somewhere else: it hears whatever is asked of it, and a connection that asks for nothing. */
export class Trap {
  readonly hits: string[] = [];
  /** Pages that it serves, by their path. */
  readonly pages = new Map<string, string>();

  private constructor(
    private readonly server: Server,
    private readonly raw: RawServer,
    readonly away: string,
    readonly rawAway: string,
  ) {}

  static async set(): Promise<Trap> {
    const trap: { it?: Trap } = {};
    const server = createServer((request, response) => {
      const page = trap.it?.pages.get(request.url ?? "");
      if (page !== undefined) return void response.writeHead(200, { "content-type": "text/html" }).end(page);
      if (request.url !== "/favicon.ico") trap.it?.hits.push(`${request.method} ${request.url}`);
      const kind = /\.js|script|worker|module/.test(request.url ?? "")
        ? "text/javascript"
        : /css|sheet/.test(request.url ?? "")
          ? "text/css"
          : "text/html";
      response
        .writeHead(200, { "content-type": kind, "access-control-allow-origin": "*" })
        .end(kind === "text/javascript" ? "top.ran = 'fetched'" : "");
    });
    const raw = listenRaw((socket) => {
      trap.it?.hits.push("connection");
      socket.on("error", () => {}).destroy();
    });
    const [away, rawAway] = [await listen(server), await listen(raw)];
    trap.it = new Trap(server, raw, away, rawAway);
    return trap.it;
  }

  spring() {
    this.server.close();
    this.server.closeAllConnections();
    this.raw.close();
  }
}

async function listen(server: Server | RawServer): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
