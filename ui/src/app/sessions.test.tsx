import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { NOW } from "../backend/fake/samples";
import { away } from "../backend/fake/world";
import { go } from "../parts/route";
import { tell } from "./story";

const rows = () => screen.queryAllByTestId(/^row-/);
const here = () => decodeURIComponent(window.location.hash);

test("the filter stands in the link, and a link shows the same list", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  const field = await screen.findByTestId<HTMLInputElement>("session-filter");
  await user.type(field, "kinloch");
  expect(field.value).toBe("kinloch");
  expect(here()).toBe("#/sessions?text=kinloch");
  await waitFor(() => expect(rows()).toHaveLength(3));
  go("sessions?text=kinloch&scope=diagnostics&since=7&view=nonsense");
  await screen.findByText("No session matches.");
  await waitFor(() => expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ scope: "diagnostics" })));
  const { from } = asked.mock.lastCall?.[0] ?? {};
  expect(Math.abs((from ?? 0) - (NOW - 7 * 86_400))).toBeLessThan(180);
});

test("when nothing matches, each part of the filter can be taken away", async () => {
  const user = userEvent.setup();
  tell("sessions-no-match");
  await screen.findByText("No session matches.");
  expect(screen.getByTestId("remove-organization").textContent).toContain("Remove Kinloch Hotels");
  await user.click(screen.getByTestId("remove-text"));
  expect(here()).not.toContain("text=");
  await waitFor(() => expect(rows().length).toBeGreaterThan(0));
});

test("whoever reviews nothing is told that they see their own", async () => {
  tell("sessions-own");
  await screen.findByTestId("own-only");
});

test("more of the list is loaded on demand, and a page that does not come is told", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions-more");
  await waitFor(() => expect(rows()).toHaveLength(10));
  const load = vi.spyOn(backend, "sessions").mockRejectedValueOnce(new Fault(away));
  await user.click(screen.getByTestId("more-sessions"));
  within(await screen.findByTestId("fault")).getByRole("button", { name: "Copy details" });
  expect(rows()).toHaveLength(10);
  await user.click(screen.getByTestId("more-sessions"));
  await waitFor(() => expect(rows()).toHaveLength(18));
  expect(load).toHaveBeenLastCalledWith(expect.objectContaining({ cursor: "10" }));
});

test("where there is no room Space opens what stands beside the list, Escape closes it, and the focus goes back", async () => {
  const user = userEvent.setup();
  Object.assign(window, { innerWidth: 960 });
  tell("sessions");
  await screen.findByTestId("row-S-90398");
  const grid = screen.getByRole("grid");
  grid.focus();
  expect(screen.queryByTestId("peek")).toBeNull();
  await user.keyboard(" ");
  await screen.findByTestId("peek");
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("peek")).toBeNull();
  expect(document.activeElement).toBe(grid);
});

test("Control C copies a link to the row", async () => {
  const user = userEvent.setup();
  tell("sessions");
  const row = await screen.findByTestId("row-S-90398");
  await user.click(row);
  screen.getByRole("grid").focus();
  await user.keyboard("{Control>}c{/Control}");
  expect(await navigator.clipboard.readText()).toBe("countersign://session/S-90398");
});
