import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

const DRIVER = "/usr/bin/WebKitWebDriver";
const SCREEN = "/usr/bin/Xvfb";
const PATIENCE_MS = 20_000;
/** Letters and movements do not hang on what the machine prefers. */
const DRAWN_ALIKE =
  "[Settings]\ngtk-enable-animations=0\ngtk-xft-antialias=1\ngtk-xft-hinting=0\ngtk-xft-hintstyle=hintnone\ngtk-xft-rgba=none\n";

/** The engine of the app's own windows on Linux, on a screen that nobody sees, driven through the W3C WebDriver protocol. */
export class WebKit {
  private constructor(
    private readonly processes: ChildProcess[],
    private readonly folder: string,
    private readonly session: string,
  ) {}

  static readonly HOW = "Install it with: sudo apt-get install -y webkit2gtk-driver xvfb";

  static isHere(): boolean {
    return [DRIVER, SCREEN].every((program) => existsSync(program));
  }

  /** As it comes, or drawing by the processor as `src-tauri/src/drawing.rs` has it, in one zone of time. */
  static async start(how: "as it comes" | "as the app draws" = "as it comes"): Promise<WebKit> {
    if (!WebKit.isHere()) throw new Error(`${DRIVER} or ${SCREEN} is missing. ${WebKit.HOW}`);
    const folder = mkdtempSync(join(tmpdir(), "countersign-webkit-"));
    mkdirSync(join(folder, ".config/gtk-3.0"), { recursive: true });
    writeFileSync(join(folder, ".config/gtk-3.0/settings.ini"), DRAWN_ALIKE);
    const screen = spawn(SCREEN, ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const [, , , said] = screen.stdio as unknown as Readable[];
    const display = await new Promise<string>((done) => said?.setEncoding("utf8").once("data", (text: string) => done(`:${text.trim()}`)));
    const port = await freePort();
    const places = { HOME: folder, XDG_CONFIG_HOME: join(folder, ".config"), XDG_RUNTIME_DIR: folder, TMPDIR: folder };
    const drawn = how === "as it comes" ? {} : { TZ: "UTC", WEBKIT_DISABLE_COMPOSITING_MODE: "1", WEBKIT_DISABLE_DMABUF_RENDERER: "1" };
    const own = { DISPLAY: display, GDK_BACKEND: "x11", LIBGL_ALWAYS_SOFTWARE: "1", ...places, ...drawn };
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

  /** Makes what is inside the window's frame this large. */
  async size(width: number, height: number) {
    for (let tries = 0; tries < 5; tries += 1) {
      const [inner, outer] = await this.run<number[][]>("[[innerWidth, innerHeight], [outerWidth, outerHeight]]");
      const more = [width - (inner?.[0] ?? 0), height - (inner?.[1] ?? 0)];
      if (more.every((one) => one === 0)) return;
      const rect = { x: 0, y: 0, width: (outer?.[0] ?? 0) + (more[0] ?? 0), height: (outer?.[1] ?? 0) + (more[1] ?? 0) };
      await call("POST", `${this.session}/window/rect`, rect);
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the window does not become ${width} by ${height}`);
  }

  /** Presses the pointer's first button there, as a hand does. */
  async press(x: number, y: number) {
    const actions = [
      { type: "pointerMove", x: Math.round(x), y: Math.round(y), origin: "viewport" },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await call("POST", `${this.session}/actions`, { actions: [{ type: "pointer", id: "hand", actions }] });
  }

  async type(text: string) {
    const actions = [...text].flatMap((value) => ["keyDown", "keyUp"].map((type) => ({ type, value })));
    await call("POST", `${this.session}/actions`, { actions: [{ type: "key", id: "keys", actions }] });
  }

  /** Runs a script in a frame, which no page can that is of another origin. */
  async runIn<T>(frame: string, expression: string): Promise<T> {
    const id = await call("POST", `${this.session}/element`, { using: "css selector", value: frame });
    await call("POST", `${this.session}/frame`, { id });
    try {
      return await this.run<T>(expression);
    } finally {
      await call("POST", `${this.session}/frame`, { id: null });
    }
  }

  /** What the page looks like, as a PNG. */
  async picture(): Promise<Buffer> {
    return Buffer.from((await call("GET", `${this.session}/screenshot`)) as string, "base64");
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
