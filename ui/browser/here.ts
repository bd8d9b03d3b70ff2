import { afterAll, beforeAll } from "vitest";
import { Chromium, type Page } from "./chromium";
import { Site } from "./site";

export interface Here {
  site: Site;
  page: Page;
}

/** One page of a Chromium that has the app's pages to itself, for the tests of one file. It is handed out before the first of them. */
export function inChromium(begin: (here: Here) => Promise<void>, ...options: string[]) {
  let site: Site | undefined;
  let chromium: Chromium | undefined;
  beforeAll(async () => {
    [site, chromium] = await Promise.all([Site.start(), Chromium.start(...options)]);
    await begin({ site, page: await chromium.page() });
  }, 60_000);
  afterAll(async () => {
    await chromium?.stop();
    site?.stop();
  });
}
