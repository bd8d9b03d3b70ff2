import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { away } from "../backend/fake/world";
import { tell } from "./story";

const tiles = async () => {
  await screen.findAllByTestId("watch");
  return screen.getAllByTestId(/^tile-/);
};
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const selected = () => screen.getAllByTestId(/^tile-/).findIndex((one) => one.getAttribute("aria-current") === "true");

test("each session that runs is a tile with who is where, how far they may go, and what was found so far", async () => {
  const backend = tell("live");
  const running = await backend.runningSessions(null, null);
  const all = await tiles();
  expect(all.length).toBe(running.length);
  const change = running.findIndex((one) => (one.soFar ?? []).length > 0);
  const [one, tile] = [running[change], all[change]];
  if (!one || !tile) throw new Error("nothing is found in what runs");
  for (const text of [one.organization.name, one.name, one.soFar?.[0]?.sentence ?? "-"]) within(tile).getByText(text);
  within(tile).getByTestId("countdown");
});

test("arrows select, W watches the one that is selected", async () => {
  const backend = tell("live");
  const running = await backend.runningSessions(null, null);
  await tiles();
  expect(selected()).toBe(0);
  press("ArrowRight");
  press("j");
  expect(selected()).toBe(2);
  press("ArrowLeft");
  expect(selected()).toBe(1);
  press("End");
  press("ArrowDown");
  expect(selected()).toBe(running.length - 1);
  press("Home");
  press("ArrowRight");
  press("w");
  await waitFor(() => expect(window.location.hash).toBe(`#/replay/${running[1]?.id}`));
});

test("X asks for a reason and a code for the one that is selected, and what the gateway said stays when its tile is gone", async () => {
  const user = userEvent.setup();
  const backend = tell("live");
  const end = vi.spyOn(backend, "endSessions");
  const running = await backend.runningSessions(null, null);
  await tiles();
  press("ArrowRight");
  press("x");
  const dialog = within(await screen.findByRole("alertdialog"));
  await user.type(dialog.getByTestId("end-reason"), "They read what the ticket does not ask for.");
  await user.type(dialog.getByTestId("code-field"), "419877");
  await user.click(dialog.getByTestId("confirm-end"));
  await waitFor(() => expect(end).toHaveBeenCalledWith([running[1]?.id], "They read what the ticket does not ask for.", "419877"));
  await waitFor(() => expect(screen.queryByTestId(`tile-${running[1]?.id}`)).toBeNull());
  expect(screen.getByTestId("live-told").textContent).toContain(`${running[1]?.name} in ${running[1]?.organization.name}`);
  expect(screen.getByTestId("live-told").textContent).toContain("The gateway confirmed it");
});

test("it is asked for again and again, but not in a hidden window nor while it is paused", async () => {
  const user = userEvent.setup();
  const backend = tell("live");
  const asked = vi.spyOn(backend, "runningSessions");
  await tiles();
  await waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(2));
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  const quiet = async () => {
    await new Promise((done) => setTimeout(done, 200));
    const before = asked.mock.calls.length;
    await new Promise((done) => setTimeout(done, 2200));
    return asked.mock.calls.length - before;
  };
  expect(await quiet()).toBe(0);
  hidden.mockReturnValue(false);
  const before = asked.mock.calls.length;
  document.dispatchEvent(new Event("visibilitychange"));
  await waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(before));
  await user.click(screen.getByTestId("pause-live"));
  expect(await quiet()).toBe(0);
  hidden.mockRestore();
});

test("while an answer is waited for, nothing else is asked", async () => {
  const backend = tell("live-loading");
  const asked = vi.spyOn(backend, "runningSessions");
  await screen.findByRole("heading", { name: "Live sessions" });
  await new Promise((done) => setTimeout(done, 3500));
  expect(asked.mock.calls.length).toBeLessThan(2);
});

test("what was loaded stays when it cannot be loaded again, and says so", async () => {
  const backend = tell("live");
  await tiles();
  vi.spyOn(backend, "runningSessions").mockRejectedValue(away);
  await screen.findByTestId("stale");
  expect(screen.getAllByTestId(/^tile-/).length).toBeGreaterThan(0);
});

test("whoever reviews nothing sees nobody's session, and the page is not in their navigation", async () => {
  const backend = tell("live-forbidden");
  const asked = vi.spyOn(backend, "runningSessions");
  await screen.findByText("Live sessions are for security reviewers.");
  expect(screen.queryByTestId("nav-live")).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});

test("without the audit service nobody can watch, and the way out of a session stays", async () => {
  tell("live-offline");
  const [first] = await tiles();
  if (!first) throw new Error("no tile");
  expect(within(first).getByTestId<HTMLButtonElement>("watch").disabled).toBe(true);
  expect(within(first).getByTestId<HTMLButtonElement>("end-this").disabled).toBe(false);
  press("w");
  expect(window.location.hash).toBe("#/live");
});

test("more than six are a list, and either shape can be had", async () => {
  const user = userEvent.setup();
  tell("live-many");
  await tiles();
  expect(document.querySelector("ul.live")?.className).toBe("live rows");
  await user.click(screen.getByTestId("live-shape"));
  expect(document.querySelector("ul.live")?.className).toBe("live");
});

test("reviewers see how many run and how many must be reviewed", async () => {
  const backend = tell("live");
  const due = (await backend.sessions({ ...(await import("../backend/backend")).everySession, tokens: ["review:due"] })).sessions.length;
  expect(due).toBeGreaterThan(0);
  await waitFor(() => expect(screen.getByTestId("nav-sessions").textContent).toContain(String(due)));
  expect(screen.getByTestId("nav-live").textContent).toContain("4");
});
