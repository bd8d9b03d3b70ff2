import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { tell } from "./story";

test("the page says how far others have seen the log, and which of them confirm nothing", async () => {
  tell("log");
  expect((await screen.findByTestId("verdict")).textContent).toContain("this computer or another witness has ever seen");
  screen.getByText("Newest 12 entries: seen by this computer only");
  const [own, known, unpinned, computer] = screen.getAllByTestId(/^witness-/).map((one) => one.textContent ?? "");
  expect(own).toContain("This computer");
  expect(known).toMatch(/4,812,895entries\d+ s ago/);
  expect(unpinned).toContain("This computer knows its key from the audit service only");
  expect(unpinned).toContain("It does not answer the audit service.");
  expect(computer).toContain("Tomasz Wieczorek’s computerkey 3fc0 917e");
});

test("without other witnesses nothing is said of any", async () => {
  tell("log-alone");
  expect((await screen.findByTestId("verdict")).textContent).not.toContain("another witness");
  screen.getByText("No other witness has confirmed any entry to this computer.");
  expect(screen.getAllByTestId(/^witness-/)).toHaveLength(1);
});

test("while it waits, what others saw is as of the last check", async () => {
  tell("log-waiting");
  await screen.findByText("As of the last check.");
});

test("a broken log shows nobody who confirms it", async () => {
  tell("log-broken");
  await screen.findByText("The log does not match.");
  expect(screen.queryByTestId("witnesses")).toBeNull();
});

test("a broken log shows both seals, and copies both as they were signed", async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: async (text: string) => void copied.push(text) },
  });
  const backend = tell("log-broken");
  const { checkpoints, contradiction } = (await backend.state()).status.log;
  const kept = await screen.findByTestId("seal-seal");
  const shown = screen.getByTestId("seal-red");
  expect(kept.textContent).toContain(checkpoints[0]?.words.join(""));
  expect(shown.textContent).toContain(contradiction?.checkpoint?.words.join(""));
  screen.getByTestId("copy-seals").click();
  await screen.findByText("Copied");
  expect(copied).toEqual([`${contradiction?.kept}\n${contradiction?.shown}`]);
});

test("what the log’s key did not sign has no seal", async () => {
  tell("log-broken-unsigned");
  const shown = await screen.findByTestId("seal-red");
  expect(shown.querySelector("svg")).toBeNull();
  expect(shown.textContent).toContain("did not sign it");
  expect(screen.getByTestId("seal-seal").querySelector("svg")).not.toBeNull();
});

test("an entry shows how it leads to the checkpoint", async () => {
  tell("log-entries");
  const path = await screen.findByTestId<HTMLDetailsElement>("entry-path");
  expect(path.querySelector("summary")?.textContent).toBe("12 steps to checkpoint 4,812,907, recomputed here");
  expect(path.querySelectorAll("li")).toHaveLength(0);
  path.open = true;
  act(() => void path.dispatchEvent(new Event("toggle")));
  expect(path.querySelectorAll("li")).toHaveLength(12);
});
