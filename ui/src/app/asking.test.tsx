import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { words } from "../parts/words";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);
const closed = async () => (await screen.findByTestId("open-session")).closest<HTMLElement>(".grant") as HTMLElement;

test("what is countersigned and not opened says by when, and can be taken back after one question", async () => {
  const user = userEvent.setup();
  const backend = tell("access");
  const withdraw = vi.spyOn(backend, "withdraw");
  const row = await closed();
  expect(row.textContent).toMatch(/4 hfrom when you open it, by .*\d\d:\d\d/);
  await user.click(within(row).getByTestId("withdraw-grant"));
  const question = screen.getByRole("alertdialog");
  expect(question.textContent).toContain("Withdraw your access to Ferrous Works?");
  within(question).getByRole("button", { name: "Keep it" });
  expect(withdraw).not.toHaveBeenCalled();
  await user.click(button("confirm-end"));
  await waitFor(() => expect(withdraw).toHaveBeenCalledTimes(1));
  await waitFor(() => expect(screen.queryByTestId("open-session")).toBeNull());
  expect(document.querySelector("table.recent")?.textContent).toContain("Withdrawn by you");
});

test("asking again asks for the same time", async () => {
  const user = userEvent.setup();
  tell("access");
  await user.click(await screen.findByTestId("ask-again-KP-48102"));
  await screen.findByTestId("justification");
  expect(new URLSearchParams(window.location.hash.split("?")[1]).get("duration")).toBe("1800");
});

test("a time that is not on offer is not taken from a link", async () => {
  tell("access");
  await screen.findByTestId("request-access");
  act(() => void (window.location.hash = "#/request?organization=kinloch-hotels&ticket=KP-1&duration=3600"));
  const chosen = async () => (await screen.findByTestId("duration-3600")).querySelector<HTMLInputElement>("input")?.checked;
  await waitFor(async () => expect(await chosen()).toBe(true));
  act(() => void (window.location.hash = "#/request?organization=kinloch-hotels&ticket=KP-1&duration=99999"));
  await waitFor(async () => expect(await chosen()).toBe(false));
  expect(screen.getByTestId("duration-1800").querySelector<HTMLInputElement>("input")?.checked).toBe(true);
});

test("after signing it is said in passing that colleagues were told, where one is by then", async () => {
  const user = userEvent.setup();
  tell("request");
  await user.type(await screen.findByTestId("justification"), "Two employees were paid holiday pay twice.");
  await user.click(button("sign-request"));
  await screen.findByText(words.access.sent);
  expect(window.location.hash).toBe("#/access");
  expect(screen.getByText(words.access.sent).closest("[aria-live=polite]")).not.toBeNull();
});

test("who already has what they ask for is led there", async () => {
  const user = userEvent.setup();
  const backend = tell("request-duplicate");
  const show = vi.spyOn(backend, "showSession");
  expect((await screen.findByTestId("duplicate")).textContent).toMatch(/You already have Read & write in Delmar Foods until/);
  await user.click(button("duplicate-go"));
  expect(show).toHaveBeenCalledWith("S-90412");
});

test("a policy that changed while somebody wrote says so, with what it allows now", async () => {
  const backend = tell("request");
  await screen.findByTestId("justification");
  expect(screen.queryByTestId("policy-changed")).toBeNull();
  const state = await backend.state();
  const rules = state.policy.rules.map((one) => ({ ...one, maxDurationSeconds: Math.min(one.maxDurationSeconds, 900) }));
  vi.spyOn(backend, "state").mockResolvedValue({ ...state, policy: { digest: "another", rules } });
  await act(() => backend.enterCode("419877"));
  expect((await screen.findByTestId("policy-changed")).textContent).toBe(
    "Policy changed while you were writing. Read is now 15 min at most for this reason.",
  );
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.map((one) => one.id)).toEqual([]);
});

test("a request that is over has its page, with the whole of what was said about it", async () => {
  const user = userEvent.setup();
  tell("access");
  const row = (await screen.findAllByText(/^Denied/))[0]?.closest("tr") as HTMLElement;
  await user.click(within(row).getByRole("link", { name: "Cobalt Health Network" }));
  expect((await screen.findByTestId("fate")).textContent).toBe("It was denied. Nothing was opened by it.");
  expect(screen.getByTestId("indenture").textContent).toContain("“Read is enough to answer this”");
  expect(screen.queryByTestId("code-field")).toBeNull();
});
