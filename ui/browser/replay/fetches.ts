import type { Chromium, Page } from "../chromium";

type Params = Record<string, unknown>;

/** What the page itself gave up meanwhile. */
const GONE = /Invalid InterceptionId/;

/**
 * Answers what the page fetches for as long as `work` goes on. What is not answered by then goes on by itself, for
 * disabling lets it go; an answer that comes too late is none.
 */
export async function fetches(
  chromium: Chromium,
  page: Page,
  which: Params,
  answer: (method: string, params: Params) => Promise<unknown>,
  work: () => Promise<void>,
) {
  let over = false;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, no) => {
    fail = no;
  });
  const deaf = chromium.hear(({ sessionId, method, params }) => {
    if (over || sessionId !== page.session || !method?.startsWith("Fetch.")) return;
    answer(method, params ?? {}).catch((error) => over || GONE.test(String(error)) || fail(error));
  });
  await page.send("Fetch.enable", which);
  try {
    await Promise.race([work(), failed]);
  } finally {
    over = true;
    deaf();
    await page.send("Fetch.disable");
  }
}
