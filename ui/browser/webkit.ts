import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

const DRIVER = "/usr/bin/WebKitWebDriver";
const SCREEN = "/usr/bin/Xvfb";
const PATIENCE_MS = 20_000;

/** The engine of the app's own windows on Linux, on a screen that nobody sees, driven through the W3C WebDriver protocol. */
export class WebKit {
  private constructor(
    private readonly processes: ChildProcess[],
    private readonly folder: string,
    private readonly session: string,
  ) {}

  static async start(): Promise<WebKit> {
    for (const program of [DRIVER, SCREEN])
      if (!existsSync(program)) throw new Error(`${program} is missing. Install it with: sudo apt-get install -y webkit2gtk-driver xvfb`);
    const folder = mkdtempSync(join(tmpdir(), "countersign-webkit-"));
    const screen = spawn(SCREEN, ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const [, , , said] = screen.stdio as unknown as Readable[];
    const display = await new Promise<string>((done) => said?.setEncoding("utf8").once("data", (text: string) => done(`:${text.trim()}`)));
    const port = await freePort();
    const own = { DISPLAY: display, GDK_BACKEND: "x11", HOME: folder, XDG_RUNTIME_DIR: folder, TMPDIR: folder, LIBGL_ALWAYS_SOFTWARE: "1" };
    const driver = spawn(DRIVER, [`--port=${port}`], { stdio: "ignore", env: { ...process.env, ...own } });
    const base = `http://127.0.0.1:${port}/session`;
    const made = await until(() => call("POST", base, { capabilities: { alwaysMatch: {} } }));
    const webkit = new WebKit([driver, screen], folder, `${base}/${(made as { sessionId: string }).sessionId}`);
    await call("POST", `${webkit.session}/timeouts`, { script: PATIENCE_MS });
    return webkit;
  }

  async open(url: string) {
    await call("POST", `${this.session}/url`, { url });
  }

  /** Runs a script in the page and waits for what it promises. */
  async run<T>(expression: string): Promise<T> {
    const script = `const done = arguments[arguments.length - 1]; Promise.resolve().then(() => (${expression})).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = (await call("POST", `${this.session}/execute/async`, { script, args: [] })) as { value?: T; error?: string };
    if (answer.error) throw new Error(answer.error);
    return answer.value as T;
  }

  async until(expression: string, what = expression) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      if (await this.run<boolean>(`Boolean(${expression})`)) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`it never became so: ${what}`);
  }

  /** How many windows there are. */
  async windows(): Promise<number> {
    return ((await call("GET", `${this.session}/window/handles`)) as string[]).length;
  }

  async stop() {
    await call("DELETE", this.session).catch(() => {});
    for (const one of this.processes) one.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function call(method: string, address: string, body?: object): Promise<unknown> {
  const answer = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = (await answer.json()) as { value: { message?: string } | null };
  if (!answer.ok) throw new Error(value?.message ?? `the driver answered ${answer.status}`);
  return value;
}

async function until<T>(act: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
