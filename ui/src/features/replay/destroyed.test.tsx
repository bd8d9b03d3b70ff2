import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { words } from "../../parts/words";
import { Destroyed } from "./Destroyed";

test("says calmly that the recording is gone, and since when", async () => {
  const { container } = render(<Destroyed at={1_790_000_000} />);
  expect(screen.getByText(words.replay.destroyed)).toBeTruthy();
  expect(container.querySelector("time")?.textContent).toMatch(/^On .+ it had been kept for as long as the policy says\./);
  expect(screen.queryByRole("alert")).toBeNull();
  expect((await axe.run(container)).violations).toEqual([]);
});
