import type { Page } from "./chromium";

/**
 * The keystroke-level model (Card, Moran and Newell, "The Psychology of Human-Computer Interaction", 1983), in seconds: a key of an
 * average typist, pointing, a button of the mouse down and up, a hand that changes place, a thought; reading at 250 words a minute.
 */
export const MODEL = { key: 0.2, point: 1.1, button: 0.2, home: 0.4, think: 1.35, word: 60 / 250 };

const MODIFIERS: Record<string, number> = { Alt: 1, Ctrl: 2, Shift: 8 };
const CODES: Record<string, number> = { Enter: 13, Escape: 27, ArrowDown: 40, Tab: 9 };
const PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** Somebody's two hands at one page: what they do goes through the browser's own input, is counted, and takes the model's time. */
export class Hands {
  interactions = 0;
  seconds = 0;
  private at: "keys" | "mouse" = "keys";

  constructor(private readonly page: Page) {}

  /** One click on what bears this test id; whatever hides it or lies over it fails here. */
  async click(testid: string) {
    this.interactions += 1;
    await this.point(testid);
  }

  /** A link in another program, or a notification: the system hands over the page it names. */
  async comeBy(path: string) {
    this.interactions += 1;
    this.move("mouse");
    this.seconds += MODEL.point + MODEL.button;
    await this.page.run(`(window.location.hash = ${JSON.stringify(`#/${path}`)}, ${PAINTED})`);
  }

  /** One shortcut: "Ctrl K", "G S" or a single key. */
  async press(keys: string) {
    this.interactions += 1;
    await this.strike(keys);
  }

  /** One field filled. It has the focus already unless it is said how one goes there, by its key or the mouse; `Enter` may close it. */
  async fill(testid: string, text: string, { by, last }: { by?: string; last?: "Enter" } = {}) {
    this.interactions += 1;
    this.seconds += MODEL.think;
    const focused = `document.activeElement?.dataset.testid === ${JSON.stringify(testid)}`;
    await this.page.until(`document.querySelector('[data-testid="${testid}"]')`, `${testid} is there`);
    await this.page.run(PAINTED);
    if (by === "mouse") await this.point(testid);
    else if (by) await this.strike(by);
    await this.page.until(focused, `${testid} takes what is typed`);
    this.move("keys");
    for (const letter of text) {
      this.seconds += MODEL.key * (letter === letter.toLowerCase() ? 1 : 2);
      await this.page.send("Input.dispatchKeyEvent", { type: "keyDown", key: letter, text: letter });
      await this.page.send("Input.dispatchKeyEvent", { type: "keyUp", key: letter });
    }
    if (last) await this.strike(last);
  }

  /** Reads what bears this test id; that is no interaction and takes its time. */
  async read(testid: string) {
    await this.page.until(`document.querySelector('[data-testid="${testid}"]')`, `${testid} is there`);
    const words = await this.page.run<number>(`document.querySelector('[data-testid="${testid}"]').innerText.trim().split(/\\s+/).length`);
    this.seconds += words * MODEL.word;
  }

  private async point(testid: string) {
    const place = `[data-testid="${testid}"]:not([disabled])`;
    await this.page.until(`document.querySelector('${place}')`, `${testid} can be pressed`);
    const [x, y, free] = await this.page.run<[number, number, boolean]>(`${PAINTED}.then(() => {
      const one = document.querySelector('${place}');
      const box = one.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      return [x, y, one.contains(document.elementFromPoint(x, y))];
    })`);
    if (!free) throw new Error(`${testid} is not where a hand reaches it`);
    this.move("mouse");
    this.seconds += MODEL.point + MODEL.button;
    for (const type of ["mouseMoved", "mousePressed", "mouseReleased"])
      await this.page.send("Input.dispatchMouseEvent", { type, x, y, button: type === "mouseMoved" ? "none" : "left", clickCount: 1 });
    await this.page.run(PAINTED);
  }

  private async strike(keys: string) {
    this.move("keys");
    const parts = keys.split(" ");
    const modifiers = parts.filter((one) => MODIFIERS[one] !== undefined);
    const held = modifiers.reduce((sum, one) => sum + (MODIFIERS[one] ?? 0), 0);
    this.seconds += parts.length * MODEL.key;
    for (const part of parts.filter((one) => !modifiers.includes(one))) {
      const shifted = modifiers.includes("Shift");
      const key = part.length === 1 && !shifted ? part.toLowerCase() : part;
      const text = key === "Enter" ? "\r" : key.length === 1 && (held & ~8) === 0 ? key : undefined;
      const windowsVirtualKeyCode = CODES[key] ?? part.toUpperCase().charCodeAt(0);
      const event = { key, code: part.length === 1 ? `Key${part.toUpperCase()}` : part, modifiers: held, windowsVirtualKeyCode };
      await this.page.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", text, ...event });
      await this.page.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    }
    await this.page.run(PAINTED);
  }

  private move(to: "keys" | "mouse") {
    if (this.at !== to) this.seconds += MODEL.home;
    this.at = to;
  }
}
