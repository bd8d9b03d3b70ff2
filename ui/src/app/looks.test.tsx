import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { tell } from "./story";

const kinds = () => screen.getAllByTestId(/^row-/).map((row) => row.dataset.kind);

test("who looked is out of the way, and one press away", async () => {
  tell("log-entries");
  const show = await screen.findByTestId("looks");
  expect(kinds()).not.toContain("viewed");
  const without = kinds().length;
  const hidden = Number(show.textContent?.match(/\d+/)?.[0]);
  expect(hidden).toBeGreaterThan(0);
  await userEvent.click(show);
  expect(kinds()).toHaveLength(without + hidden);
  expect(kinds()).toContain("viewed");
  await userEvent.click(screen.getByText("Hide who looked"));
  expect(kinds()).toHaveLength(without);
});

test("what was found is counted, and says when it is nothing else", async () => {
  tell("log-entries");
  await userEvent.type(await screen.findByLabelText("Find in entries"), "viewed");
  expect(new Set(kinds())).toEqual(new Set(["session-viewed"]));
  await userEvent.clear(screen.getByLabelText("Find in entries"));
  await userEvent.type(screen.getByLabelText("Find in entries"), String(4_812_901));
  screen.getByText("Nothing here but who looked at what");
  await userEvent.click(screen.getByTestId("looks"));
  expect(kinds()).toEqual(["viewed"]);
});

test("what a service read is found by its name", async () => {
  tell("log-entries");
  await userEvent.click(await screen.findByTestId("looks"));
  const row = await screen.findByTestId("row-4812879");
  expect(row.textContent).toContain("gateway");
  expect(row.textContent).not.toContain("audit");
});
