import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { words } from "../parts/words";
import { tell } from "./story";

const say = words.more;

/** The row of the Session that is open, once its door is known. */
async function row() {
  await screen.findByTestId("return-session");
  return within(document.querySelector<HTMLElement>(".grant[data-organization=delmar-foods]") as HTMLElement);
}
const extend = async () => {
  const found = await row();
  await waitFor(() => expect(found.getByTestId<HTMLButtonElement>("extend-session").disabled).toBe(false));
  return found.getByTestId<HTMLButtonElement>("extend-session");
};

test("a_12 more time is asked for in the row of the session, with what it comes to, and the row says that it waits", async () => {
  const user = userEvent.setup();
  const backend = tell("access-extending");
  const ask = vi.spyOn(backend, "askForMore");
  const found = await row();
  await found.findByTestId("asking-more");
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.map((one) => one.id)).toEqual([]);
  // Read may be open for two hours in all; this Session has one.
  const offers = found.getAllByRole("radio").map((one) => one.closest("label")?.textContent);
  expect(offers).toEqual(["15 min", "30 min", "1 h"]);
  await user.click(found.getByTestId("more-1800"));
  expect(found.getByTestId("comes-to").textContent).toContain("after 90 min in all. A second person");
  await user.type(found.getByTestId("code-field"), "419877{Enter}");
  expect(ask).toHaveBeenCalledWith(expect.any(String), 1800, "419877");
  await waitFor(() => expect(found.getByTestId("more").textContent).toContain("You asked for 30 min more. It waits for a second person."));
  expect(found.queryByTestId("asking-more")).toBeNull();
  expect(found.getByTestId<HTMLButtonElement>("extend-session").disabled).toBe(true);
  // The other one stays as it was, and no list of what waits shows it a second time.
  expect(document.querySelectorAll("[data-organization=delmar-foods]").length).toBe(1);
});

/** The same world, and nothing pressed yet. */
const still = "access-more-denied";

test("it is asked for by keys alone, and the focus stays with the answer", async () => {
  const user = userEvent.setup();
  const backend = tell(still);
  const ask = vi.spyOn(backend, "askForMore");
  (await extend()).focus();
  await user.keyboard("{Enter}");
  expect((document.activeElement as HTMLInputElement).value).toBe("900");
  await user.keyboard("{ArrowRight}{Enter}");
  expect(ask).toHaveBeenCalledWith(expect.any(String), 1800, null);
  await waitFor(() => expect(screen.getByTestId("more").dataset.state).toBe("waiting"));
  expect(document.activeElement?.contains(screen.getByTestId("more"))).toBe(true);
  await user.tab();
  expect(document.activeElement).toBe((await row()).getByTestId("withdraw"));
});

test.each(["{Escape}", "Not now", "again"])("whoever does not ask after all (%s) is back at the button", async (way) => {
  const user = userEvent.setup();
  tell(still);
  const button = await extend();
  await user.click(button);
  await screen.findByTestId("asking-more");
  expect(button.getAttribute("aria-expanded")).toBe("true");
  if (way === "{Escape}") await user.keyboard(way);
  else if (way === "again") await user.click(button);
  else await user.click(screen.getByRole("button", { name: way }));
  expect(screen.queryByTestId("asking-more")).toBeNull();
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute("aria-expanded")).toBe("false");
});

test("an older code and a wrong one are said at the code's field, and what was chosen stays", async () => {
  const user = userEvent.setup();
  const backend = tell("access-extending-code");
  const ask = vi.spyOn(backend, "askForMore");
  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe(say.needed));
  expect(screen.getByTestId<HTMLButtonElement>("send-more").disabled).toBe(true);
  await user.type(screen.getByTestId("code-field"), "000000{Enter}");
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("4 tries left"));
  expect(screen.getByTestId<HTMLInputElement>("code-field").value).toBe("");
  await user.type(screen.getByTestId("code-field"), "419877{Enter}");
  await waitFor(() => expect(screen.getByTestId("more").dataset.state).toBe("waiting"));
  expect(ask.mock.calls.map((call) => call.slice(1))).toEqual([
    [1800, null],
    [1800, "000000"],
    [1800, "419877"],
  ]);
});

test("what the broker refuses is said in the row, and nothing waits", async () => {
  const user = userEvent.setup();
  const backend = tell(still);
  const fault = { code: "duration-out-of-policy", message: "Read is allowed for 120 min at most.", next: "Nothing was signed." };
  vi.spyOn(backend, "askForMore").mockRejectedValue(new Fault(fault));
  await user.click(await extend());
  await user.click(screen.getByTestId("send-more"));
  expect((await (await row()).findByTestId("fault")).textContent).toContain("120 min at most");
  screen.getByTestId("asking-more");
});

test("a session that has all that policy allows says so in its row", async () => {
  tell("access-extending-none");
  expect((await screen.findByTestId("no-more")).textContent).toContain("no more time in this session than its 1 h");
  expect(screen.queryByTestId("send-more")).toBeNull();
});

test.each([
  ["access-extend-asked", "You asked for 15 min more. It waits for a second person."],
  ["access-more", "You asked for 15 min more 1 min ago. It waits for a second person."],
  ["access-more-countersigned", "Countersigned. The gateway is being told."],
  ["access-extended", "Extended until"],
  ["access-more-denied", "15 min more was denied. “Read is enough to answer this”"],
])("%s: the row says %s", async (story, text) => {
  tell(story);
  await waitFor(() => expect(screen.getByTestId("more").textContent).toContain(text));
});

test("what is countersigned with an old code goes on with a new one, from the row", async () => {
  const user = userEvent.setup();
  const backend = tell("access-more-old-code");
  const enter = vi.spyOn(backend, "enterCode");
  await user.type(await screen.findByTestId("code-field"), "419877");
  await user.click(screen.getByTestId("more-code"));
  expect(enter).toHaveBeenCalledWith("419877");
});

test("what is taken back can be asked for again", async () => {
  const user = userEvent.setup();
  tell("access-extend-asked");
  const found = await row();
  await user.click(await found.findByTestId("withdraw"));
  await waitFor(() => expect(found.getByTestId("more").textContent).toContain(say.withdrawn));
  await user.click(found.getByRole("button", { name: words.bar.dismiss }));
  expect(found.queryByTestId("more")).toBeNull();
  await extend();
});

test.each([
  ["access-offline", words.offline.why],
  ["access-lost", say.returnFirst],
])("%s: where it cannot be asked for, the button says why", async (story, why) => {
  tell(story);
  const [button] = await screen.findAllByTestId<HTMLButtonElement>("extend-session");
  await waitFor(() => expect(button?.disabled).toBe(true));
  const told = document.getElementById(button?.getAttribute("aria-describedby") ?? "");
  await waitFor(() => expect(told?.textContent).toBe(why));
});
