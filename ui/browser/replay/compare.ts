import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Index, indexOf } from "../../src/features/replay/timeline";
import type { RecordingView } from "../../src/generated/bindings";
import { Chromium } from "../chromium";
import { decode } from "../png";
import { alike } from "./alike";
import { Site } from "../site";
import { HEIGHT, type Left, type Moment, WIDTH } from "./drive";
import { Stage } from "./stage";

/** Red, green and blue together may differ by so much in a pixel that is alike: of 765. */
const TOLERANCE = 30;

export interface Replayed {
  app: string;
  organization: string;
  folder: string;
  recording: string;
  result: string;
}

/** Plays a Recording in the real player, takes a picture at each moment that there is one of, and leaves how far they are alike. */
export async function compare({ app, organization, folder, recording, result }: Replayed) {
  const view = JSON.parse(readFileSync(recording, "utf8")) as RecordingView;
  const left = JSON.parse(readFileSync(join(folder, "moments.json"), "utf8")) as Left;
  const index = indexOf(view, organization);
  const [site, chromium] = await Promise.all([Site.start(), Chromium.start("--force-color-profile=srgb")]);
  try {
    const page = await chromium.page();
    await page.size(WIDTH, HEIGHT);
    const stage = await Stage.set(chromium, page, site, index);
    const moments = [];
    for (const moment of left.moments) moments.push({ name: moment.name, ...(await compared(stage, moment)) });
    const minutes = (left.toMs - left.fromMs) / 60_000;
    const sizes = sizesOf(index, left, minutes);
    const report = {
      app,
      tolerance: TOLERANCE,
      moments,
      minutes,
      ...sizes,
      loads: left.loads,
      unseen: unseenOf(index, left),
      asked: stage.asked,
    };
    writeFileSync(result, JSON.stringify(report, null, 2));
  } finally {
    await chromium.stop();
    site.stop();
  }
}

/** Of the two ends of the moment the one that is more alike: what changed while the picture was taken is on one side of it. */
async function compared(stage: Stage, { fromMs, atMs, file }: Moment) {
  const live = decode(readFileSync(`${file}-live.png`));
  const ends = [];
  for (const [end, at] of [fromMs, atMs].entries()) {
    const replayed = await stage.pictureAt(at);
    writeFileSync(`${file}-replay${end === 0 ? "" : "-end"}.png`, replayed);
    ends.push(alike(live, decode(replayed), TOLERANCE, await stage.masked()));
  }
  return ends.reduce((best, one) => (one.same > best.same ? one : best));
}

function sizesOf(index: Index, { fromMs, toMs }: Left, minutes: number) {
  const events = index.events.filter(({ timestamp }) => timestamp >= fromMs && timestamp <= toMs);
  const json = Buffer.from(JSON.stringify(events));
  const perMinute = (bytes: number) => Math.round(bytes / 1024 / minutes);
  return { events: events.length, kibAMinute: perMinute(json.length), kibAMinuteZipped: perMinute(gzipSync(json).length) };
}

/** What replay says; of the loads that are measured, half keep the recorder out on purpose. */
const unseenOf = ({ missing }: Index, { toMs, loads }: Left) => [
  ...new Set(missing.filter((gap) => loads === null || gap.fromMs <= toMs).map((gap) => gap.detail)),
];
