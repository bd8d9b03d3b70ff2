import { expect, test } from "vitest";
import type { Chromium, Page } from "./chromium";
import { fetches } from "./replay/fetches";

type Ear = (message: { sessionId: string; method: string; params: Record<string, unknown> }) => void;

/** A browser that refuses every answer once it was told that nobody answers any more. */
function browser() {
  const ears = new Set<Ear>();
  let answers = false;
  const refused: string[] = [];
  const page = {
    session: "page",
    async send(method: string) {
      if (method === "Fetch.enable") answers = true;
      if (method === "Fetch.disable") answers = false;
      if (method !== "Fetch.continueRequest" || answers) return {};
      refused.push(method);
      throw new Error("Fetch domain is not enabled");
    },
  };
  const chromium = { hear: (ear: Ear) => (ears.add(ear), () => ears.delete(ear)) };
  const pause = () => ears.forEach((ear) => ear({ sessionId: "page", method: "Fetch.requestPaused", params: { requestId: "1" } }));
  return { chromium: chromium as unknown as Chromium, page: page as unknown as Page, pause, refused };
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("an answer that comes after the work is none", async () => {
  const { chromium, page, pause, refused } = browser();
  const late = async () => {
    await wait(20);
    await page.send("Fetch.continueRequest");
  };
  await fetches(chromium, page, {}, late, async () => pause());
  await wait(60);
  expect(refused).toEqual(["Fetch.continueRequest"]);
});

test("an answer that fails meanwhile ends the work", async () => {
  const { chromium, page, pause } = browser();
  const wrong = async () => {
    throw new Error("the recorder is not where it was");
  };
  const work = async () => {
    pause();
    await wait(10_000);
  };
  await expect(fetches(chromium, page, {}, wrong, work)).rejects.toThrow("the recorder is not where it was");
});
