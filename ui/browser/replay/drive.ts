import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "../chromium";
import { applications, type Application } from "./apps";
import { browserFor, enter, type Way } from "./door";
import { loadsOf } from "./loads";

export const WIDTH = 1280;
export const HEIGHT = 800;
/** A page is left alone for so long before its picture is taken. */
const SETTLED_MS = 900;
/** What a person takes from one thing to the next. */
const PACE_MS = 2000;

export interface Driven extends Way {
  app: string;
  /** Where pictures are left. */
  folder: string;
  start: string;
  loads: number;
}

/** A moment of which there is a picture. */
export interface Moment {
  name: string;
  /** The page's clock right before and right after the picture: it is of a moment between them. */
  fromMs: number;
  atMs: number;
  file: string;
}

/** What is left for the other half, beside the pictures. */
export interface Left {
  moments: Moment[];
  fromMs: number;
  toMs: number;
  loads: { with: number; without: number } | null;
}

export const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Uses an application as a person does, and leaves a picture of each marked moment. */
export async function drive(plan: Driven) {
  const application = applications[plan.app];
  if (!application) throw new Error(`no application is called ${plan.app}`);
  const chromium = await browserFor(plan);
  try {
    const page = await chromium.page();
    await page.size(WIDTH, HEIGHT);
    // A page may ask whether it is to be left.
    chromium.hear(({ sessionId, method }) => {
      if (sessionId === page.session && method === "Page.javascriptDialogOpening")
        page.send("Page.handleJavaScriptDialog", { accept: true }).catch(() => {});
    });
    const moments: Moment[] = [];
    const fromMs = Date.now();
    await enter(chromium, page, plan, plan.start);
    await use(application, plan, page, moments);
    const toMs = Date.now();
    // The last reports are on their way.
    await wait(2500);
    const loads = plan.loads > 0 ? await loadsOf(chromium, page, application, plan) : null;
    await page.open("about:blank");
    await wait(1500);
    const left: Left = { moments, fromMs, toMs, loads };
    writeFileSync(join(plan.folder, "moments.json"), JSON.stringify(left, null, 2));
  } finally {
    await chromium.stop();
  }
}

/** Waits until the page has reported something, at most for five seconds: the recorder begins when everything else is there. */
async function reported(page: Page) {
  const said = "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/.countersign/page') && one.responseEnd > 0)";
  for (let tries = 0; tries < 50 && !(await page.run<boolean>(said)); tries += 1) await wait(100);
}

async function use(application: Application, plan: Driven, page: Page, moments: Moment[]) {
  await application.steps({
    page,
    plan,
    pause: () => wait(PACE_MS),
    async mark(name) {
      await wait(SETTLED_MS);
      await page.run("document.fonts.ready.then(() => true)");
      await reported(page);
      // The mark over the page is of whoever looks at it; a replay has one of its own, or none.
      await page.run("document.querySelector('countersign-mark')?.style.setProperty('opacity', '0', 'important')");
      const file = join(plan.folder, `${moments.length + 1}-${name.replaceAll(" ", "-")}`);
      const fromMs = await page.run<number>("Date.now()");
      const { data } = await page.send("Page.captureScreenshot", { format: "png" });
      writeFileSync(`${file}-live.png`, Buffer.from(data as string, "base64"));
      moments.push({ name, fromMs, atMs: await page.run<number>("Date.now()"), file });
      await wait(PACE_MS - SETTLED_MS);
    },
  });
}
