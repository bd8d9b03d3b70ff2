import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { forgotten } from "../../backend/fake/forgotten";
import { Forgotten } from "./Forgotten";

test("says in one sentence that it was destroyed, when, and who signed it", async () => {
  const { container } = render(<Forgotten sessions={forgotten} />);
  const row = screen.getByTestId(`forgotten-${forgotten[0]?.id}`);
  expect(row.textContent).toMatch(/Destroyed on .+, as signed by Ben Okafor and Sofia Marques\./);
  expect(row.textContent).toContain("asked for it in writing");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
  expect((await axe.run(container)).violations).toEqual([]);
});

test("shows nothing where nothing was forgotten", () => {
  const { container } = render(<Forgotten sessions={[]} />);
  expect(container.firstChild).toBeNull();
});
