import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { OriginalView } from "../generated/bindings";
import { originals, reveal } from "../backend/fake/revealing";
import { NOW } from "../backend/fake/samples";
import { masked } from "../backend/fake/reveals";
import { stories } from "../backend/fake/stories";
import { revealWords as say } from "../parts/revealWords";
import { go } from "../parts/route";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);
const VALUES = originals.map((one) => one.value);
const shown = () => VALUES.filter((value) => document.documentElement.outerHTML.includes(value) || document.title.includes(value));
const kept = () =>
  VALUES.filter((value) => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, window.location.href]).includes(value));
const told = () => waitFor(() => expect(document.documentElement.dataset.told).toBe("all"));

afterEach(() => {
  delete stories.trial;
  vi.restoreAllMocks();
});

/** What the player says of a press on a page. */
function press(digits: unknown, source: unknown = screen.getByTestId<HTMLIFrameElement>("stage").contentWindow) {
  act(() => void window.dispatchEvent(Object.assign(new Event("message"), { source, data: { say: "marks", digits } })));
}

test("a reviewer chooses marks where they stand, says why, and signs for exactly those", async () => {
  const user = userEvent.setup();
  const backend = tell("replay-marks-in-request");
  const propose = vi.spyOn(backend, "proposeReveal");
  await told();
  await user.click((await screen.findAllByTestId("in-text-7f3a91c2d0b4e6f8"))[0] as HTMLElement);
  for (const one of screen.getAllByTestId("in-text-7f3a91c2d0b4e6f8")) expect(one.getAttribute("aria-pressed")).toBe("true");
  await user.click(screen.getByTestId("tab-marks"));
  expect((await screen.findByTestId<HTMLInputElement>("mark-7f3a91c2d0b4e6f8")).checked).toBe(true);
  await user.click(screen.getByTestId("mark-b81d5530f4c2996e"));
  await user.click(screen.getByTestId("mark-2c9e40aa51d7f803"));
  await user.click(screen.getByTestId("mark-b81d5530f4c2996e"));
  await user.click(button("ask-to-open"));
  const question = within(screen.getByRole("dialog"));
  expect(question.getByTestId("reveal-marks").textContent).not.toContain("date of birth");
  await user.type(question.getByTestId("code-field"), "419877");
  await user.type(question.getByTestId("reveal-why"), "y".repeat(19));
  expect(button("confirm-reveal").disabled).toBe(true);
  await user.type(question.getByTestId("reveal-why"), "y");
  expect(button("confirm-reveal").disabled).toBe(false);
  await user.click(button("confirm-reveal"));
  const digits = ["2c9e40aa51d7f803", "7f3a91c2d0b4e6f8"];
  await waitFor(() => expect(propose).toHaveBeenCalledTimes(1));
  const [session, marks = [], why, code] = propose.mock.calls[0] ?? [];
  expect([session, [...marks].sort(), why, code]).toEqual(["S-90398", digits, "y".repeat(20), "419877"]);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await screen.findByTestId("reveal-waiting");
  expect(screen.getByTestId<HTMLInputElement>("mark-7f3a91c2d0b4e6f8").checked).toBe(false);
});

test("a hundred marks are one signature, and one more is none", async () => {
  const digits = Array.from({ length: 101 }, (_, n) => n.toString(16).padStart(16, "0"));
  stories.trial = {
    page: "replay/S-90398",
    person: "ines",
    change: (world) => {
      masked(world);
      const [page] = world.recording.pages ?? [];
      const body = digits.map((one) => `[masked e-mail ${one}]`).join(" ");
      const exchanges = (world.recording.exchanges ?? []).slice(0, 1).map((one) => ({ ...one, body }));
      world.recording = { exchanges, pages: page ? [page] : [] };
    },
    steps: [["tab-marks"]],
  };
  tell("trial");
  await told();
  await screen.findByTestId(`mark-${digits[100]}`);
  press(digits.slice(0, 100));
  expect(screen.getByTestId("chosen-marks").textContent).toBe("100 marks chosen");
  expect(button("ask-to-open").disabled).toBe(false);
  press(digits.slice(100));
  expect(button("ask-to-open").disabled).toBe(true);
  expect(screen.getAllByText(say.tooMany(100)).length).toBeGreaterThan(0);
});

test("a list of any length draws some rows at a time", async () => {
  const user = userEvent.setup();
  const many = Array.from({ length: 250 }, (_, n) => `[masked e-mail ${n.toString(16).padStart(16, "0")}]`).join(" ");
  stories.trial = {
    page: "replay/S-90398",
    person: "ines",
    change: (world) => void (world.recording = { pages: [{ page: "p", atMs: NOW * 1000, events: 1, json: JSON.stringify([many]) }] }),
    steps: [["tab-marks"]],
  };
  tell("trial");
  await told();
  await screen.findByTestId("mark-0000000000000000");
  expect(screen.getAllByTestId(/^mark-[0-9a-f]{16}$/).length).toBe(200);
  await user.click(within(screen.getByRole("tabpanel")).getByTestId("rows-later"));
  screen.getByTestId("mark-00000000000000f9");
});

test.each([
  ["replay-marks-not-kept", say.refused.notKept],
  ["replay-marks-own", say.refused.own],
])("%s: what cannot be opened is said in the place of a failure", async (name, sentence) => {
  tell(name);
  await told();
  await within(await screen.findByRole("dialog")).findByText(sentence);
  expect(screen.queryByTestId("fault")).toBeNull();
  expect(shown()).toEqual([]);
});

test("values are asked for by pressing alone, and hidden by pressing", async () => {
  const user = userEvent.setup();
  const backend = tell("replay-marks-open");
  const read = vi.spyOn(backend, "readMarks");
  expect((await screen.findByTestId("countdown")).textContent).toMatch(/^14:5\d$/);
  await told();
  expect(read).not.toHaveBeenCalled();
  await user.click(button("show-values"));
  await screen.findByTestId("values");
  expect(shown().length).toBe(2);
  expect(kept()).toEqual([]);
  await user.click(button("hide-values"));
  expect(shown()).toEqual([]);
  expect(read).toHaveBeenCalledTimes(1);
});

test("values go with the page, with another tab, and with a window that is hidden", async () => {
  const user = userEvent.setup();
  tell("replay-marks-shown");
  await told();
  await screen.findByTestId("values");
  await user.click(screen.getByRole("tab", { name: /Reviews/ }));
  await waitFor(() => expect(shown()).toEqual([]));
  await user.click(screen.getByTestId("tab-marks"));
  expect(screen.queryByTestId("values")).toBeNull();
  await user.click(await screen.findByTestId("show-values"));
  await screen.findByTestId("values");
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
  expect(shown()).toEqual([]);
  hidden.mockRestore();
  await user.click(await screen.findByTestId("show-values"));
  await screen.findByTestId("values");
  act(() => go("sessions"));
  await waitFor(() => expect(shown()).toEqual([]));
  act(() => go("replay/S-90398"));
  await user.click(await screen.findByTestId("tab-marks"));
  await screen.findByTestId("show-values");
  expect(shown()).toEqual([]);
});

test("values go when the time is over, and cannot be asked for again", async () => {
  tell("replay-marks-shown");
  await told();
  await screen.findByTestId("values");
  expect(shown().length).toBe(2);
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + 900_000);
  await screen.findByTestId("reveal-over");
  expect(shown()).toEqual([]);
  expect(screen.queryByTestId("show-values")).toBeNull();
});

test("an answer that comes after the page was left, or was hidden, is let go unseen", async () => {
  const user = userEvent.setup();
  const backend = tell("replay-marks-open");
  let give: (values: OriginalView[]) => void = () => {};
  backend.readMarks = () => new Promise((done) => (give = done));
  await user.click(await screen.findByTestId("show-values"));
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
  hidden.mockRestore();
  await act(async () => give(originals));
  expect(shown()).toEqual([]);
  await waitFor(() => expect(button("show-values").disabled).toBe(false));
});

test("a failed reading shows what failed and no value", async () => {
  tell("replay-marks-read-failed");
  const fault = await screen.findByTestId("fault");
  expect(fault.dataset.code).toBe("unreachable");
  expect(shown()).toEqual([]);
});

test("the second person reads whose session, who asks, why and which marks, and signs with a code", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-reveal");
  const sign = vi.spyOn(backend, "countersignReveal");
  await user.click(await screen.findByTestId("reveal"));
  const facts = screen.getByTestId("reveal-facts").textContent;
  for (const one of ["Ines Carvalho", "Joon-ho Park", "Brightwater Logistics", "brightwater-logistics", "S-90398"])
    expect(facts).toContain(one);
  const digits = [...screen.getByTestId("reveal-digits").querySelectorAll("li")].map((one) => one.textContent);
  expect(digits).toEqual(["2c9e40aa51d7f803", "7f3a91c2d0b4e6f8"]);
  screen.getByText(/which account was changed on Tuesday/);
  expect(button("confirm-countersign-reveal").disabled).toBe(true);
  await user.type(within(screen.getByRole("dialog")).getByTestId("code-field"), "419877");
  expect(sign).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  const [one] = await backend.reveals();
  await waitFor(() => expect(sign).toHaveBeenCalledWith(one?.id, "419877"));
  expect((await screen.findByTestId("told")).textContent).toContain("Ines Carvalho can read the values");
  expect(screen.queryByTestId("reveal")).toBeNull();
  expect(shown()).toEqual([]);
});

test("nothing waits for whoever cannot be the second person", async () => {
  stories.trial = { page: "approvals", person: "tomasz", change: (world) => void (world.reveals = [reveal({ maySign: false })]) };
  tell("trial");
  await screen.findByTestId("detail");
  await told();
  expect(screen.queryByText(say.inbox.title)).toBeNull();
  expect(screen.queryByTestId("reveal")).toBeNull();
});

test("what does not agree with the log is shown as that beside the others, and cannot be signed", async () => {
  const bad = reveal({ id: "bad", maySign: false, signerSaw: "another-log", whose: "" });
  const unknown = reveal({ id: "unknown", maySign: false, signerSaw: "not-compared", whose: "" });
  stories.trial = {
    page: "approvals",
    person: "tomasz",
    change: (world) => void (world.reveals = [bad, reveal({ maySign: true }), unknown]),
  };
  tell("trial");
  expect(await screen.findAllByTestId("reveal")).toHaveLength(1);
  within(screen.getByTestId("odd-bad")).getByText(say.inbox.anotherLog);
  within(screen.getByTestId("odd-unknown")).getByText(say.inbox.notCompared);
});

test("a reviewer is led to what waits, counted, and is asked for no requests", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals-reveal-reviewer");
  const requests = vi.spyOn(backend, "requests");
  await screen.findByTestId("reveal");
  act(() => go("sessions"));
  const nav = await screen.findByTestId("nav-approvals");
  expect(nav.textContent).toContain("1");
  await user.click(nav);
  await screen.findByTestId("reveal");
  expect(requests).not.toHaveBeenCalledWith("inbox");
  screen.getByText(say.inbox.reviewers);
});

test("without something to countersign a reviewer has no page for it", async () => {
  tell("sessions");
  await screen.findByTestId("nav-sessions");
  expect(screen.queryByTestId("nav-approvals")).toBeNull();
});

test("whoever is not a reviewer chooses no marks and asks for nothing about them", async () => {
  const as = stories["replay-marks-in-request"];
  stories.trial = {
    page: "replay/S-90398",
    person: "tomasz",
    change: (world) => {
      as?.change?.(world);
      world.reveals = [reveal()];
    },
    steps: as?.steps,
  };
  tell("trial");
  await told();
  await screen.findByTestId("exchange");
  expect(screen.getAllByText(/masked account 2c9e40aa51d7f803/).length).toBe(2);
  expect(screen.queryByTestId("in-text-2c9e40aa51d7f803")).toBeNull();
  await userEvent.setup().click(screen.getByTestId("tab-marks"));
  expect(screen.queryByTestId("mark-2c9e40aa51d7f803")).toBeNull();
  expect(screen.queryByTestId("ask-to-open")).toBeNull();
  expect(screen.queryByTestId("reveal-waiting")).toBeNull();
});

test("a mark that is pressed on a page is chosen, and nothing that is no mark of this recording", async () => {
  tell("replay-marks");
  await told();
  await screen.findByTestId("ask-to-open");
  const count = () => screen.getByTestId("chosen-marks").textContent;
  press(["0011223344556677", 4, null]);
  press("7f3a91c2d0b4e6f8");
  press(["7f3a91c2d0b4e6f8"], window);
  expect(count()).toBe("");
  press(["b81d5530f4c2996e", "0011223344556677"]);
  expect(count()).toBe("1 mark chosen");
  expect(screen.getByTestId<HTMLInputElement>("mark-b81d5530f4c2996e").checked).toBe(true);
  press(["b81d5530f4c2996e"]);
  expect(count()).toBe("");
});
