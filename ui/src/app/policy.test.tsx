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
