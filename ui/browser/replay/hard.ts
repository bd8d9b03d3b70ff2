import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Use } from "./apps";

/** The pages, whether a replay is to look like them, and what it has to say where it is not. */
const PAGES: { name: string; alike: boolean; unseen: string }[] = [
  { name: "no-head", alike: true, unseen: "" },
  { name: "in-a-frame", alike: true, unseen: "" },
  { name: "strict-policy", alike: true, unseen: "" },
  { name: "shadow-dom", alike: true, unseen: "" },
  { name: "pictures", alike: true, unseen: "" },
  { name: "canvas", alike: true, unseen: "" },
  { name: "compressed", alike: true, unseen: "" },
  { name: "streamed", alike: false, unseen: "too large or too slow" },
  { name: "20-mb", alike: false, unseen: "too large or too slow" },
  { name: "breaks-the-recorder", alike: false, unseen: "breaks-the-recorder did not say" },
  { name: "without-the-recorder", alike: false, unseen: "may not be changed" },
];

/** Visits each page, and leaves whether it worked for whoever holds the record to it. */
export async function hardPages({ page, plan, mark, pause }: Use) {
  const seen = [];
  for (const { name, alike, unseen } of PAGES) {
    const address = new URL(name, plan.start);
    await page.open(address.href);
    const works = await page.run<boolean>("document.getElementById('works')?.dataset.works === 'yes'");
    seen.push({ name, path: address.pathname, works, unseen });
    if (alike) await mark(name);
    else await pause();
  }
  writeFileSync(join(plan.folder, "pages.json"), JSON.stringify(seen, null, 2));
}
