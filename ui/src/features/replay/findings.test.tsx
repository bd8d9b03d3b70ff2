import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import type { FindingView } from "../../generated/bindings";
import { FindingCount } from "../../parts/Finding";
import { words } from "../../parts/words";
import { Findings, nextFinding } from "./Findings";

const finding = (rule: string, weight: string, atMs: number | null, times = 1): FindingView => ({
  rule,
  weight,
  sentence: `About ${rule}.`,
  atMs,
  times,
});
const found = [finding("gap", "stop", null), finding("export", "look", 9000, 3), finding("bulk-read", "look", 5000)];

test("says what was found, how often, and goes there", async () => {
  const seek = vi.fn();
  const { container } = render(<Findings findings={found} onSeek={seek} />);
  expect(screen.getByTestId("finding-gap").textContent).toContain(words.findings.whole);
  expect(screen.getByTestId("finding-export").textContent).toContain("About export.");
  expect(screen.getByTestId("finding-export").textContent).toContain("3 times");
  await userEvent.click(screen.getByRole("button", { name: /About bulk-read/ }));
  expect(seek).toHaveBeenCalledExactlyOnceWith(5000);
  expect((await axe.run(container)).violations).toEqual([]);
});

test("tells nothing found from nothing looked for", () => {
  const { rerender } = render(<Findings findings={[]} onSeek={null} />);
  expect(screen.getByText(words.findings.none)).toBeTruthy();
  rerender(<Findings findings={null} onSeek={null} />);
  expect(screen.getByText(words.findings.waiting)).toBeTruthy();
});

test("knows the next finding and the one before", () => {
  expect(nextFinding(found, 0, 1)).toBe(5000);
  expect(nextFinding(found, 5000, 1)).toBe(9000);
  expect(nextFinding(found, 9000, 1)).toBeNull();
  expect(nextFinding(found, 9000, -1)).toBe(5000);
  expect(nextFinding(null, 0, 1)).toBeNull();
});

test("counts in words beside the number", async () => {
  const { container, rerender } = render(<FindingCount counts={{ stop: 1, look: 2, note: 1 }} />);
  expect(screen.getByTestId("finding-count").textContent).toContain("4");
  expect(screen.getByRole("img", { name: "1 to look at first, 2 to look at, 1 note" })).toBeTruthy();
  expect((await axe.run(container)).violations).toEqual([]);
  rerender(<FindingCount counts={{ stop: 0, look: 0, note: 0 }} />);
  expect(screen.queryByTestId("finding-count")).toBeNull();
  rerender(<FindingCount counts={null} />);
  expect(screen.queryByTestId("finding-count")).toBeNull();
});
