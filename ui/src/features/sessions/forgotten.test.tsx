import { render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { forgotten } from "../../backend/fake/forgotten";
import { words } from "../../parts/words";
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

test("says so where those who signed are not known to have seen this log", () => {
  const [one, other] = forgotten;
  if (!one || !other) throw new Error("there are two");
  const marked = (session: typeof one, signerSaw: string) => ({ ...session, forgotten: { ...session.forgotten, signerSaw } });
  render(<Forgotten sessions={[marked(one, "another-log"), marked(other, "not-compared")]} />);
  within(screen.getByTestId(`forgotten-${one.id}`)).getByText(words.sessions.anotherLog);
  within(screen.getByTestId(`forgotten-${other.id}`)).getByText(words.sessions.notCompared);
});

test("shows nothing where nothing was forgotten", () => {
  const { container } = render(<Forgotten sessions={[]} />);
  expect(container.firstChild).toBeNull();
});
