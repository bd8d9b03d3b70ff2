import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { tell } from "./story";

test("the page says how far others have seen the log, and which of them confirm nothing", async () => {
  tell("log");
  expect((await screen.findByTestId("verdict")).textContent).toContain("this computer or another witness has ever seen");
  screen.getByText("Newest 12 entries: seen by this computer only");
  const [own, known, unpinned, computer] = screen.getAllByTestId(/^witness-/).map((one) => one.textContent ?? "");
  expect(own).toContain("This computer");
  expect(known).toContain("Saw 4,812,895 entries");
  expect(unpinned).toContain("this computer knows its key from the audit service only");
  expect(unpinned).toContain("It does not answer the audit service.");
  expect(computer).toContain("Tomasz Wieczorek’s computer (3fc0 917e)");
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
