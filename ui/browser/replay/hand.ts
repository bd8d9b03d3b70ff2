import type { Page } from "../chromium";

/** Where the middle of an element is, once it is there. `what` is a CSS selector, or `text=` and what it says. */
async function middle(page: Page, what: string): Promise<{ x: number; y: number }> {
  const found = what.startsWith("text=")
    ? `[...document.querySelectorAll("a, button, [role=button], [role=tab], summary, label")].find((one) => one.textContent.trim() === ${JSON.stringify(what.slice(5))})`
    : `document.querySelector(${JSON.stringify(what)})`;
  await patiently(page, `(${found})?.getClientRects().length`, what);
  return page.run(
    `(() => { const one = ${found}; one.scrollIntoView({ block: "nearest" }); const edge = one.getBoundingClientRect(); return { x: edge.left + edge.width / 2, y: edge.top + edge.height / 2 }; })()`,
  );
}

/** Waits longer than a test does: an application starts when it is first asked for. */
export async function patiently(page: Page, expression: string, what: string) {
  for (const end = Date.now() + 45_000; Date.now() < end;) {
    if (await page.run<boolean>(`Boolean(${expression})`).catch(() => false)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`it never became so: ${what}`);
}

export async function click(page: Page, what: string) {
  const { x, y } = await middle(page, what);
  await page.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  for (const type of ["mousePressed", "mouseReleased"])
    await page.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
}

/** Follows a link or sends a form: another page is there afterwards. */
export async function follow(page: Page, what: string) {
  await page.run("window.before = true");
  await click(page, what);
  for (let tries = 0; tries < 200; tries += 1) {
    const there = await page.run<boolean>("window.before === undefined && document.readyState === 'complete'").catch(() => false);
    if (there) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} led nowhere`);
}

export async function type(page: Page, text: string) {
  for (const letter of text) {
    if (letter === "\n") await press(page, "Enter");
    else await page.send("Input.dispatchKeyEvent", { type: "char", text: letter });
    await new Promise((done) => setTimeout(done, 30));
  }
}

const CODES: Record<string, number> = { Enter: 13, Escape: 27, Tab: 9 };

export async function press(page: Page, key: string, modifiers = 0) {
  const one = { key, code: key, windowsVirtualKeyCode: CODES[key] ?? 0, modifiers };
  await page.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...one });
  if (key === "Enter") await page.send("Input.dispatchKeyEvent", { type: "char", text: "\r", ...one });
  await page.send("Input.dispatchKeyEvent", { type: "keyUp", ...one });
}

export async function scroll(page: Page, deltaY: number, x = 700, y = 450) {
  await page.send("Input.dispatchMouseEvent", { type: "mouseWheel", x, y, deltaX: 0, deltaY });
}
