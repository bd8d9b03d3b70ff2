import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { stories } from "../backend/fake/stories";
import type { Story } from "../backend/fake/story";
import { words } from "../parts/words";
import { tell } from "./story";

afterEach(() => {
  delete stories.trial;
});

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);

test("the second administrator reads what changes, and signs for exactly that with a code", async () => {
  const user = userEvent.setup();
  const backend = tell("policy-proposed");
  const adopt = vi.spyOn(backend, "adoptPolicy");
  const proposal = within(await screen.findByTestId("proposal-3"));
  const differing = [...document.querySelectorAll(".policy-proposal .differs strong")].map((one) => one.textContent);
  expect(differing).toContain('  "version": 3,');
  expect(differing).toContain('  "version": 2,');
  expect(differing).not.toContain("---");
  await user.click(proposal.getByTestId("adopt"));
  await user.type(screen.getByTestId("policy-why"), "too short");
  await user.type(screen.getByTestId("code-field"), "419877");
  expect(button("confirm-adopt").disabled).toBe(true);
  await user.type(screen.getByTestId("policy-why"), ", now long enough");
  await user.click(button("confirm-adopt"));
  const { adopted } = await backend.policies();
  expect(adopt).toHaveBeenCalledWith(adopted.at(-1)?.text, "too short, now long enough", "419877");
  await waitFor(() => expect(screen.queryByTestId("proposal-3")).toBeNull());
  within(await screen.findByTestId("policy-3")).getByText("In force");
});

test("a wrong code is typed again, and nothing is in force by it", async () => {
  const user = userEvent.setup();
  const backend = tell("policy-proposed");
  await user.click(await screen.findByTestId("adopt"));
  await user.type(screen.getByTestId("policy-why"), "As agreed on Monday.");
  await user.type(screen.getByTestId("code-field"), "000000");
  await user.click(button("confirm-adopt"));
  await screen.findByText(/not right/);
  expect((await backend.policies()).adopted).toHaveLength(2);
});

test("whoever proposed it cannot sign for it again", async () => {
  tell("policy-mine");
  await screen.findByTestId("proposal-3");
  expect(screen.queryByTestId("adopt")).toBeNull();
  screen.getByText(/Another administrator has to sign too/);
});

test("what does not agree with the log is shown as that, and cannot be signed", async () => {
  for (const [signerSaw, sentence] of [
    ["another-log", words.policy.anotherLog],
    ["not-compared", words.policy.notCompared],
  ] as const) {
    const { change, ...story } = stories["policy-proposed"] as Story;
    stories.trial = {
      ...story,
      change: (world) => {
        change?.(world);
        world.policies.proposed = world.policies.proposed.map((one) => ({ ...one, signerSaw }));
      },
    };
    tell("trial");
    within(await screen.findByTestId("proposal-3")).getByText(sentence);
    expect(screen.queryByTestId("adopt")).toBeNull();
    cleanup();
  }
});

test("everybody sees what is in force and who adopted it", async () => {
  tell("policy");
  const newest = within(await screen.findByTestId("policy-2"));
  newest.getByText(/Adopted by Ben Okafor and Sofia Marchetti/);
  newest.getByText("In force");
  within(screen.getByTestId("policy-1")).getByText(/everybody pins it/);
});

test("what a policy would allow more stands beside it, and again before the code", async () => {
  const user = userEvent.setup();
  tell("policy-weaker");
  const proposal = within(await screen.findByTestId("proposal-3"));
  const lines = [
    "Customer-reported problem would open Read for 4 h at most instead of 2 h.",
    "Somebody’s new computer or second factor would be good for countersigning at once instead of after 1 h.",
    "This rule would no longer stand in the way as it does, externals-do-not-decide: “Members of the group “external” do not countersign.”",
  ];
  proposal.getByText("This would allow more than what is in force:");
  lines.forEach((line) => proposal.getByText(line));
  proposal.getByText("It may allow more than that, by what no table shows:");
  await user.click(proposal.getByTestId("adopt"));
  const question = within(await screen.findByRole("dialog"));
  lines.forEach((line) => question.getByText(line));
  const [more, code] = [question.getByTestId("allows-more"), question.getByTestId("code-field")];
  expect(more.compareDocumentPosition(code) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
});

test("each way of allowing more has its sentence", async () => {
  tell("policy-every-more");
  const more = await screen.findByTestId("allows-more");
  expect([...more.querySelectorAll("li")].map((one) => one.textContent)).toEqual([
    "Customer-reported problem would open Read for 4 h at most instead of 2 h.",
    "Customer-reported problem would open Administer, for 1 h at most, with 2 countersigners; now it does not.",
    "Saturday 00:00 to Monday 00:00: Maintenance would open Read for 4 h at most instead of 2 h, with 1 countersigner instead of 2.",
    "Somebody’s new computer or second factor would be good for asking after 30 min instead of after 2 h.",
    "Somebody’s new computer or second factor would be good for countersigning at once instead of after 1 h.",
    "Recordings would be destroyed after 30 days instead of 365.",
    "delmar-foods would no longer refuse people of: acme, xx.",
    "What rules can ask of cobalt-health would be another: its region, its labels, or whom it refuses.",
    "The hours that rules speak of would be those of Europe/Berlin instead of UTC.",
    "This rule may permit more than any rule in force, customer-reported-problem: “A problem that the customer reported opens Read for 4 h.”",
    "This rule would no longer stand in the way as it does, externals-do-not-decide: “Members of the group “external” do not countersign.”",
    "There is too much in these texts to compare what they offer. Read both before you sign.",
  ]);
});

test("what is not known to allow nothing more is never shown as harmless", async () => {
  tell("policy-may-be-weaker");
  const more = await screen.findByTestId("allows-more");
  within(more).getByText("This may allow more than what is in force:");
  expect(screen.queryByTestId("allows-nothing-more")).toBeNull();
  cleanup();
  tell("policy-proposed");
  expect((await screen.findByTestId("allows-nothing-more")).textContent).toBe("It allows nothing more than what is in force.");
  expect(screen.queryByTestId("allows-more")).toBeNull();
});

test("a reviewer asks what would have changed in the last 30 days", async () => {
  const user = userEvent.setup();
  const numbers = { requests: 1212, refused: 0, allowed: 0, more: 0, fewer: 0, notAsked: 0 };
  for (const [change, sentence] of [
    [{ refused: 14 }, "What would have changed in the last 30 days: 14 requests refused."],
    [
      { refused: 1, allowed: 2, more: 1100, fewer: 3 },
      "What would have changed in the last 30 days: 1 request refused, 2 requests allowed that were refused, 1,100 requests with more countersigners, 3 requests with fewer countersigners.",
    ],
    [{}, "Nothing would have changed in the last 30 days: 1,212 requests would have been answered as before."],
    [{ requests: 0 }, "Nobody asked for anything in the last 30 days."],
    [{ requests: 0, notAsked: 3 }, "Of what was asked in the last 30 days nothing can be asked about again."],
    [
      { refused: 14, notAsked: 3 },
      "What would have changed in the last 30 days: 14 requests refused. 3 requests more cannot be asked about: what the sign-in said then is not there any more.",
    ],
  ] as const) {
    const { change: before, ...story } = stories["policy-last-month"] as Story;
    stories.trial = {
      ...story,
      steps: [],
      change: (world) => {
        before?.(world);
        world.lastMonth = { ...world.lastMonth, ...numbers, ...change };
      },
    };
    const backend = tell("trial");
    const look = vi.spyOn(backend, "policyLastMonth");
    const button = await screen.findByTestId("last-month");
    expect(look, "reading the log takes a while, and is asked for").not.toHaveBeenCalled();
    await user.click(button);
    await waitFor(() => expect(screen.getByTestId("last-month-said").textContent).toBe(sentence));
    expect(look).toHaveBeenCalledWith((await backend.policies()).proposed[0]?.text);
    cleanup();
  }
});

test("the page goes on while the log is read, and what fails can be tried again", async () => {
  const user = userEvent.setup();
  tell("policy-last-month-loading");
  expect((await screen.findByTestId("last-month-said")).textContent).toMatch(/^Reading everything/);
  await user.click(screen.getByTestId("adopt"));
  await screen.findByTestId("confirm-adopt");
  cleanup();
  tell("policy-last-month-failed");
  within(await screen.findByTestId("fault")).getByRole("button", { name: "Try again" });
});

test("who is no reviewer is told who can look", async () => {
  tell("policy-weaker");
  await screen.findByText(words.policy.lastMonth.note);
  expect(screen.queryByTestId("last-month")).toBeNull();
});
