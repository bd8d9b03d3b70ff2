import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ANSWER_MS = 30_000;

type Params = Record<string, unknown>;
type Message = { id?: number; method?: string; params?: Params; sessionId?: string; result?: Params; error?: { message: string } };

/** Debian's Chromium without a window, spoken to through a pipe. */
export class Chromium {
  private readonly waiting = new Map<number, { done: (result: Params) => void; failed: (error: Error) => void }>();
  private readonly ears = new Set<(message: Message) => void>();
  private last = 0;
  private rest = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    const [, , , , said] = child.stdio as unknown as Readable[];
    said?.setEncoding("utf8").on("data", (text: string) => this.take(text));
  }

  static isHere(): boolean {
    return PLACES.some((place) => existsSync(place));
  }

  static async start(...more: string[]): Promise<Chromium> {
    const program = PLACES.find((place) => existsSync(place));
    if (!program) throw new Error("Chromium is missing. Install it with: sudo apt-get install -y chromium");
    const folder = mkdtempSync(join(tmpdir(), "countersign-chromium-"));
    const options = [
      "--headless=new",
      "--remote-debugging-pipe",
      "--disable-gpu",
      "--no-first-run",
      "--disable-dev-shm-usage",
      "--hide-scrollbars",
    ];
    if (process.getuid?.() === 0) options.push("--no-sandbox");
    const child = spawn(program, [...options, ...more, `--user-data-dir=${folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, TMPDIR: folder, HOME: folder },
    });
    return new Chromium(child, folder);
  }

  send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = ++this.last;
    const [, , , told] = this.child.stdio as unknown as Writable[];
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`Chromium did not answer ${method}`)), ANSWER_MS);
      const over = () => clearTimeout(timer);
      this.waiting.set(id, { done: (result) => (over(), done(result)), failed: (error) => (over(), failed(error)) });
      told?.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  hear(ear: (message: Message) => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  async page(): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId as string);
    await page.send("Page.enable");
    await page.send("Runtime.enable");
    return page;
  }

  async stop() {
    const gone = new Promise((done) => this.child.once("exit", done));
    await this.send("Browser.close").catch(() => this.child.kill("SIGKILL"));
    await Promise.race([gone, new Promise((done) => setTimeout(done, 5000))]);
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private take(text: string) {
    const parts = (this.rest + text).split("\0");
    this.rest = parts.pop() ?? "";
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      const waiting = message.id ? this.waiting.get(message.id) : undefined;
      if (message.id) this.waiting.delete(message.id);
      if (message.error) waiting?.failed(new Error(message.error.message));
      else waiting?.done(message.result ?? {});
      if (message.method) for (const ear of this.ears) ear(message);
    }
  }
}

/** One page. What it logs as an error, throws, or is refused by its policy is in `troubles`. */
export class Page {
  readonly troubles: string[] = [];

  constructor(
    private readonly chromium: Chromium,
    readonly session: string,
  ) {
    chromium.hear(({ sessionId, method, params }) => {
      if (sessionId !== session) return;
      if (method === "Runtime.exceptionThrown") this.troubles.push(JSON.stringify(params?.exceptionDetails));
      if (method === "Runtime.consoleAPICalled" && params?.type === "error") this.troubles.push(JSON.stringify(params.args));
      if (method === "Log.entryAdded") this.troubles.push(JSON.stringify(params?.entry));
    });
  }

  send(method: string, params: Params = {}): Promise<Params> {
    return this.chromium.send(method, params, this.session);
  }

  async open(url: string) {
    const loaded = new Promise<void>((done) => {
      const deaf = this.chromium.hear(({ sessionId, method }) => {
        if (sessionId !== this.session || method !== "Page.loadEventFired") return;
        deaf();
        done();
      });
    });
    await this.send("Page.navigate", { url });
    await loaded;
  }

  async size(width: number, height: number) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async run<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })) as {
      result: { value: T };
      exceptionDetails?: unknown;
    };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails).slice(0, 600));
    return result.value;
  }

  /** Waits until the expression is true. */
  async until(expression: string, what = expression) {
    for (const end = Date.now() + ANSWER_MS; Date.now() < end;) {
      if (await this.run<boolean>(`Boolean(${expression})`)) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`it never became so: ${what}`);
  }
}
