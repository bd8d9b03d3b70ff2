import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { go } from "../parts/route";
import { words } from "../parts/words";
import { tell } from "./story";

const { heads, orders } = words.sessions;
const rows = () => screen.queryAllByTestId(/^row-/);
const here = () => decodeURIComponent(window.location.hash);
const grid = () => screen.getByRole("grid");
const active = () => document.getElementById(grid().getAttribute("aria-activedescendant") ?? "");
/** What is ordered by, which way, and whether an arrow shows it. */
const sorted = () =>
  screen
    .getAllByRole("columnheader")
    .filter((one) => one.getAttribute("aria-sort"))
    .map((one) => [one.textContent, one.getAttribute("aria-sort"), within(one).queryAllByTestId("arrow").length]);

test("a head orders by its column, once more the other way, and the link keeps it", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  const first = () => rows()[0]?.dataset.testid;
  for (const [head, order, direction] of [
    ["length", "longest", "descending"],
    ["length", "shortest", "ascending"],
    ["length", "longest", "descending"],
    ["findings", "findings", "descending"],
    ["findings", "findings-last", "ascending"],
    ["started", "newest", "descending"],
    ["started", "oldest", "ascending"],
  ] as const) {
    await user.click(screen.getByTestId(`head-${head}`));
    expect(here()).toBe(order === "newest" ? "#/sessions" : `#/sessions?order=${order}`);
    await waitFor(() => expect(sorted()).toEqual([[heads[head], direction, 1]]));
    await waitFor(() => expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ order })));
  }
  const oldest = first();
  await user.click(screen.getByTestId("head-started"));
  await waitFor(() => expect(rows().at(-1)?.dataset.testid).toBe(oldest));
});

test("keys go up to the heads and press them, and down again; the grid stays one tab stop", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  grid().focus();
  expect(active()).toBe(rows()[0]);
  await user.keyboard("{ArrowUp}");
  expect(active()?.textContent).toBe(heads.started);
  await user.keyboard("{ArrowLeft}{ArrowRight}");
  expect(active()?.textContent).toBe(heads.length);
  await user.keyboard("{Enter}");
  expect(here()).toBe("#/sessions?order=longest");
  await waitFor(() => expect(sorted()).toEqual([[heads.length, "descending", 1]]));
  await user.keyboard(" ");
  expect(here()).toBe("#/sessions?order=shortest");
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
  expect(active()?.textContent).toBe(heads.findings);
  expect(active()?.title).toBe(orders.findings);
  expect(document.activeElement).toBe(grid());
  expect(document.querySelectorAll("[role=grid] [tabindex='0'], [role=grid] button")).toHaveLength(0);
  await user.keyboard("{ArrowDown}");
  expect(active()?.getAttribute("role")).toBe("row");
  expect(here(), "Enter in the heads replayed nothing").toContain("#/sessions");
});

test("the list before stays, and the keys with it, while the other order is on its way", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions-more");
  await waitFor(() => expect(rows()).toHaveLength(10));
  const before = rows().map((one) => one.id);
  let come = () => {};
  const { sessions } = backend;
  vi.spyOn(backend, "sessions").mockImplementation(async (filter) => {
    await new Promise<void>((done) => (come = done));
    return sessions.call(backend, filter);
  });
  grid().focus();
  await user.keyboard("{ArrowUp}{ArrowRight}{Enter}");
  expect(rows().map((one) => one.id)).toEqual(before);
  expect([grid().getAttribute("aria-busy"), document.activeElement, active()?.textContent]).toEqual(["true", grid(), heads.length]);
  expect(screen.queryByTestId("more-sessions"), "its next page is of no use").toBeNull();
  come();
  await waitFor(() => expect(grid().getAttribute("aria-busy")).toBeNull());
  expect(rows().map((one) => one.id)).not.toEqual(before);
  expect(active()?.textContent).toBe(heads.length);
});

test("a column without an order is no such head, and a link that names none is the newest first", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  for (const name of [heads.organization, heads.person, heads.scope, heads.activity, heads.review])
    await user.click(screen.getByRole("columnheader", { name }));
  expect(here()).toBe("#/sessions");
  go("sessions?order=person");
  await waitFor(() => expect(sorted()).toEqual([[heads.started, "descending", 1]]));
});

test("the next page is asked for in the same order", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions-more");
  await waitFor(() => expect(rows()).toHaveLength(10));
  const asked = vi.spyOn(backend, "sessions");
  await user.click(screen.getByTestId("head-length"));
  await user.click(screen.getByTestId("head-length"));
  await waitFor(() => expect(sorted()[0]?.[1]).toBe("ascending"));
  await waitFor(() => expect(rows()).toHaveLength(10));
  await user.click(screen.getByTestId("more-sessions"));
  await waitFor(() => expect(rows()).toHaveLength(18));
  expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ order: "shortest", cursor: "10" }));
});

test("a view of one's own keeps its order", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  await user.click(screen.getByTestId("head-findings"));
  await user.click(await screen.findByTestId("save-view"));
  await user.type(screen.getByTestId("view-name"), "Worst{Enter}");
  await user.click(screen.getByTestId("head-started"));
  await user.click(screen.getByTestId("own-view-0"));
  expect(here()).toBe("#/sessions?order=findings");
  await waitFor(() => expect(sorted()).toEqual([[heads.findings, "descending", 1]]));
});
