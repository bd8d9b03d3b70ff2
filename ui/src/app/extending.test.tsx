import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);
const more = async () => (await screen.findByTestId("more")).textContent;

async function grant() {
  await screen.findByTestId("return-session", undefined, { timeout: 5000 });
  return document.querySelector<HTMLElement>(".grant[data-organization=delmar-foods]") as HTMLElement;
}

async function hasNothingThatAxeObjectsTo() {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.map((one) => one.id)).toEqual([]);
}

test("a_12 more time is asked for from the bar with what it comes to, and no more than policy allows is on offer", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-more");
  const ask = vi.spyOn(backend, "askForMore");
  await user.click(await screen.findByTestId("extend-session"));
  await hasNothingThatAxeObjectsTo();
  // Read may be open for two hours in all; this Session has one.
  const offers = within(screen.getByRole("radiogroup")).getAllByRole("radio");
  expect(offers.map((one) => one.closest("label")?.textContent)).toEqual(["15 min", "30 min", "1 h"]);
  expect(screen.getByTestId("comes-to").textContent).toContain("after 75 min in all. A second person");
  await user.click(screen.getByTestId("more-1800"));
  expect(screen.getByTestId("comes-to").textContent).toContain("after 90 min in all");
  await user.type(screen.getByTestId("code-field"), "419877");
  await user.click(button("send-more"));
  expect(ask).toHaveBeenCalledWith(expect.any(String), 1800, "419877");
  await waitFor(async () => expect(await more()).toContain("You asked for 30 min more. It waits for a second person."));
  expect(screen.queryByTestId("asking-more")).toBeNull();
  expect(button("extend-session").disabled).toBe(true);
});

test("Ctrl Shift E and Enter ask for more time, without a code when the last one is young", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-more");
  const ask = vi.spyOn(backend, "askForMore");
  await screen.findByTestId("session-bar");
  await user.keyboard("{Control>}e{/Control}");
  expect(screen.queryByTestId("asking-more")).toBeNull();
  await user.keyboard("{Control>}{Shift>}E{/Shift}{/Control}");
  await screen.findByTestId("asking-more");
  await user.keyboard("{Enter}");
  expect(ask).toHaveBeenCalledWith(expect.any(String), 900, null);
});

test("an old code is asked for, and what was chosen stays", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-more-code");
  const ask = vi.spyOn(backend, "askForMore");
  await user.click(await screen.findByTestId("extend-session"));
  await user.click(screen.getByTestId("more-3600"));
  await user.click(button("send-more"));
  expect((await screen.findByRole("alert")).textContent).toContain("older than 15 minutes");
  expect(button("send-more").disabled).toBe(true);
  await user.type(screen.getByTestId("code-field"), "419877{Enter}");
  await waitFor(() => expect(ask).toHaveBeenLastCalledWith(expect.any(String), 3600, "419877"));
});

test("a request for more time that is refused says why, and nothing waits", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-more");
  const fault = { code: "duration-out-of-policy", message: "Read is allowed for 120 min at most.", next: "Nothing was signed." };
  vi.spyOn(backend, "askForMore").mockRejectedValue(new Fault(fault));
  await user.click(await screen.findByTestId("extend-session"));
  await user.click(button("send-more"));
  expect((await screen.findByTestId("fault")).textContent).toContain("120 min at most");
  expect(screen.queryByTestId("more")).toBeNull();
});

test("a session that has all that policy allows says so, and asks for nothing", async () => {
  const user = userEvent.setup();
  tell("bar");
  await user.click(await screen.findByTestId("extend-session"));
  expect(screen.getByTestId("no-more").textContent).toContain("no more time in this session than its 1 h");
  expect(screen.queryByTestId("send-more")).toBeNull();
});

test("the last minutes lead to more time", async () => {
  const user = userEvent.setup();
  tell("bar-more-last");
  await user.click(await screen.findByTestId("warning-extend"));
  await screen.findByTestId("asking-more");
});

test.each([
  ["bar-more-waiting", "You asked for 15 min more. It waits for a second person."],
  ["bar-more-countersigned", "Countersigned. The gateway is being told."],
  ["bar-more-extended", "Extended until"],
  ["bar-more-denied", "15 min more was denied. “Read is enough to answer this”"],
  ["bar-more-expired", "Nobody countersigned more time."],
  ["bar-more-refused", "The session was not extended. This Session is over. Ask for access again."],
])("%s is said in words", async (story, words) => {
  tell(story);
  expect(await more()).toContain(words);
});

test("what came to nothing is put away, and can be asked for again", async () => {
  const user = userEvent.setup();
  tell("bar-more-denied");
  await user.click(within(await screen.findByTestId("more")).getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByTestId("more")).toBeNull();
  expect(button("extend-session").disabled).toBe(false);
});

test("one that is countersigned with an old code goes on with a new one", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-more-old-code");
  const enter = vi.spyOn(backend, "enterCode");
  await user.type(await screen.findByTestId("code-field"), "419877");
  await user.click(button("more-code"));
  expect(enter).toHaveBeenCalledWith("419877");
});

test("an approver reads that it extends, which session, since when, what is added and what it comes to", async () => {
  tell("approvals-more");
  const sheet = await screen.findByTestId("extension", undefined, { timeout: 5000 });
  expect(sheet.textContent).toContain("This extends a session that is open. It opens nothing new.");
  for (const said of ["S-90412", "Open since", "Added15 min", "In all75 min"]) expect(sheet.textContent).toContain(said);
  const row = screen.getAllByRole("option")[0];
  expect(row?.textContent).toContain("15 min more");
  expect(screen.getByTestId("detail").textContent).not.toContain("from opening1");
});

test("in Access more time stands with its session: it opens nothing, and can be taken back while it waits", async () => {
  const user = userEvent.setup();
  const backend = tell("access-more");
  const withdraw = vi.spyOn(backend, "withdraw");
  const row = await grant();
  expect(row.textContent).toContain("You asked for 15 min more 1 min ago. It waits for a second person.");
  expect(document.querySelectorAll("[data-organization=delmar-foods]").length).toBe(1);
  expect(document.querySelector("table.recent")?.textContent).toContain("Ended by you. 15 min more was countersigned.");
  await user.click(within(row).getByTestId("withdraw"));
  expect(withdraw).toHaveBeenCalled();
});

test("one that is countersigned is no Organization to open", async () => {
  tell("access-more-countersigned");
  const row = await grant();
  expect(row.textContent).toContain("Countersigned. The gateway is being told.");
  expect(within(row).queryByTestId("open-session")).toBeNull();
  expect(within(row).queryByTestId("withdraw")).toBeNull();
});
