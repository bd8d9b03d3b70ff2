import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { frameAt } from "../features/replay/frames";
import { toReviewAfter } from "../features/replay/useToReview";
import type { SessionView } from "../generated/bindings";
import type { Index } from "../features/replay/timeline";
import { words } from "../parts/words";
import { tell } from "./story";

const say = words.replay;
const time = () => screen.getByTestId("replay-time").textContent;

test("a comma and a full stop go one picture, and stop", async () => {
  const user = userEvent.setup();
  tell("replay");
  await screen.findByTestId("play");
  await user.keyboard(" ");
  screen.getByRole("button", { name: say.pause });
  const before = time();
  await user.keyboard(".");
  screen.getByRole("button", { name: say.play });
  await user.keyboard("......");
  expect(time()).not.toBe(before);
  const later = time();
  await user.keyboard(",,,,,,,");
  expect(time()).not.toBe(later);
});

test("a picture is a change of the page, and there is none before the first or after the last", () => {
  const events = [
    { type: 4, timestamp: 100 },
    { type: 2, timestamp: 110 },
    { type: 5, timestamp: 120 },
    { type: 3, timestamp: 130 },
    { type: 3, timestamp: 900 },
  ];
  const index = { startMs: 100, endMs: 500, events } as unknown as Index;
  expect(frameAt(index, 110, 1)).toBe(130);
  expect(frameAt(index, 130, -1)).toBe(110);
  expect(frameAt(index, 100, -1)).toBeNull();
  expect(frameAt(index, 130, 1)).toBeNull();
});

test("whoever marks a session reviewed with findings that nobody opened is asked, by name", async () => {
  const user = userEvent.setup();
  const backend = tell("replay");
  const review = vi.spyOn(backend, "review");
  await user.click(await screen.findByTestId("mark-reviewed"));
  const question = within(screen.getByRole("dialog", { name: say.unreadTitle(1) }));
  question.getByText(/PUT \/employees\/8812/);
  expect(question.getByTestId("sign-review").textContent).toBe(say.reviewAnyway);
  const before = time();
  await user.click(question.getByTestId("look-at-unread"));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(time()).not.toBe(before);
  await user.click(screen.getByTestId("mark-reviewed"));
  await user.click(within(screen.getByRole("dialog", { name: say.reviewTitle })).getByTestId("sign-review"));
  await waitFor(() => expect(review).toHaveBeenCalledWith("S-90398", "nothing-to-report", ""));
});

test("a flag asks nothing about findings", async () => {
  const user = userEvent.setup();
  tell("replay");
  await user.click(await screen.findByTestId("flag"));
  expect(within(screen.getByRole("dialog", { name: say.flagTitle })).queryByTestId("unread")).toBeNull();
});

test("a finding that was gone to by key or by press is opened", async () => {
  const user = userEvent.setup();
  tell("replay");
  await screen.findByTestId("play");
  await user.click(screen.getByRole("tab", { name: /Findings/ }));
  const finding = screen.getByTestId("finding-unnamed-write");
  expect(finding.textContent).toContain(say.unread);
  await user.keyboard("n");
  expect(finding.textContent).not.toContain(say.unread);
});

test("the next session to review is a key away, and how many are left is said", async () => {
  const user = userEvent.setup();
  tell("replay");
  expect((await screen.findByTestId("to-review")).textContent).toBe(say.toReview("3"));
  await screen.findByTestId("mark-reviewed");
  await user.keyboard("{Shift>}N{/Shift}");
  await waitFor(() => expect(window.location.hash).not.toContain("S-90398"));
  expect(window.location.hash).toContain("#/replay/S-");
});

test("one's own sessions wait for somebody else", () => {
  const one = (id: string, change: Partial<SessionView>) =>
    ({ id, endedAt: 1, review: "", due: true, name: "Mara", approvers: ["Ben"], ...change }) as SessionView;
  const list = [
    one("a", {}),
    one("b", {}),
    one("c", { review: "flagged", due: false }),
    one("d", { endedAt: null, due: false }),
    one("e", { name: "Ines" }),
  ];
  expect(toReviewAfter([...list, one("f", { approvers: ["Ines"] }), one("g", {})], "b", "Ines").map((of) => of.id)).toEqual(["g", "a"]);
});
