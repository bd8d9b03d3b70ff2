import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { recording } from "../backend/fake/recording";
import { NOW } from "../backend/fake/samples";
import { go } from "../parts/route";
import { tell } from "./story";

const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id);
const reason = "They read what the ticket does not ask for.";

test("a session that runs is watched, and no recording of it is asked for", async () => {
  const backend = tell("replay-live");
  const sealed = vi.spyOn(backend, "recording");
  expect((await screen.findByTestId("live")).textContent).toContain("Live");
  expect(sealed).not.toHaveBeenCalled();
});

test("nothing is shown before the person inside can see it", async () => {
  tell("replay-live-untold");
  await screen.findByText(/before the person inside can see/);
  expect(screen.queryByTestId("live")).toBeNull();
  expect(screen.queryByTestId("view-requests")).toBeNull();
});

test("what comes is added, and whoever looks elsewhere is brought back to now", async () => {
  const user = userEvent.setup();
  const backend = tell("replay-live");
  const whole = recording(NOW * 1000);
  await user.click(await screen.findByTestId("view-requests"));
  const before = Number(screen.getByTestId("view-requests").textContent?.replace(/\D/g, ""));
  expect(screen.queryByTestId("jump-to-live")).toBeNull();
  await user.keyboard("{ArrowLeft}");
  await user.click(await screen.findByTestId("jump-to-live"));
  await waitFor(() => expect(screen.queryByTestId("jump-to-live")).toBeNull());
  const last = whole.exchanges.at(-1);
  if (!last) throw new Error("no exchange");
  const part = { ...whole, live: true, pages: [], gaps: [], exchanges: [{ ...last, number: 9000, path: "/o/delmar-foods/just-now" }] };
  vi.spyOn(backend, "watched").mockResolvedValueOnce({ part: { ...part, check: "running" }, untold: false, over: false });
  await waitFor(() => expect(screen.getByTestId("view-requests").textContent).toContain(String(before + 1)));
});

test("leaving the page watches no more, and a window that is hidden asks for nothing", async () => {
  const backend = tell("replay-live");
  await screen.findByTestId("live");
  const stop = vi.spyOn(backend, "stopWatching");
  const asked = vi.spyOn(backend, "watched");
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  await new Promise((done) => setTimeout(done, 1200));
  const soFar = asked.mock.calls.length;
  await new Promise((done) => setTimeout(done, 1200));
  expect(asked.mock.calls.length).toBe(soFar);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  await waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(soFar));
  go("sessions");
  await waitFor(() => expect(stop).toHaveBeenCalledTimes(1));
  hidden.mockRestore();
});

test("once the session is over, its sealed recording is opened", async () => {
  const backend = tell("replay-live");
  await screen.findByTestId("live");
  const running = vi.spyOn(backend, "session");
  const [, id] = window.location.hash.split("replay/");
  const detail = await backend.session(id ?? "");
  running.mockResolvedValue({ ...detail, session: { ...detail.session, endedAt: NOW, endedBy: "revoked" } });
  const sealed = vi.spyOn(backend, "recording");
  const part = { ...recording(NOW * 1000), live: true, check: "running" as const, exchanges: [], pages: [], gaps: [] };
  vi.spyOn(backend, "watched").mockResolvedValueOnce({ part, untold: false, over: true });
  await waitFor(() => expect(sealed).toHaveBeenCalledWith(id));
  await waitFor(() => expect(screen.queryByTestId("live")).toBeNull());
});

test("nobody watches a session of their own, and is told whom to ask", async () => {
  tell("replay-live-own");
  await screen.findByText("Nobody watches a Session of their own.");
});

test("a wrong code ends nothing and keeps the reason", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await user.click(await screen.findByTestId("end-this"));
  await user.type(screen.getByTestId("end-reason"), reason);
  await user.type(screen.getByTestId("code-field"), "000000");
  await user.click(button("confirm-end"));
  await screen.findByText(/That code is not right/);
  expect(screen.getByTestId<HTMLInputElement>("end-reason").value).toBe(reason);
  expect(screen.queryByTestId("told")).toBeNull();
});

test("an end that the gateway did not confirm says so", async () => {
  tell("sessions-end-not-confirmed");
  expect((await screen.findByTestId("told")).textContent).toContain("Not confirmed yet");
});

test("ending all names each session, takes the word, a reason and a code, and ends exactly those", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const end = vi.spyOn(backend, "endSessions");
  const running = await backend.runningSessions(null, null);
  await user.click(await screen.findByTestId("end-all"));
  const dialog = within(await screen.findByRole("alertdialog"));
  await dialog.findByTestId("named");
  expect(dialog.getAllByRole("listitem").length).toBe(running.length);
  await user.type(dialog.getByTestId("end-reason"), reason);
  await user.type(dialog.getByTestId("code-field"), "419877");
  expect(button("confirm-end").disabled).toBe(true);
  await user.type(dialog.getByTestId("end-typed"), "END");
  await user.click(button("confirm-end"));
  expect(end).toHaveBeenCalledWith(
    running.map((one) => one.id),
    reason,
    "419877",
  );
  await waitFor(() => expect(screen.getByTestId("ended-all").textContent).toContain(`${running.length} ended`));
});

test("ending all of one organization names its sessions alone", async () => {
  const user = userEvent.setup();
  tell("sessions");
  go("sessions?organization=cobalt-health");
  await screen.findByTestId("peek");
  await user.click(await screen.findByTestId("end-all"));
  const named = await screen.findByTestId("named");
  for (const item of within(named).getAllByRole("listitem")) expect(item.textContent).toContain("Cobalt Health");
});

test("whoever reviews nothing does not end all", async () => {
  tell("sessions-own");
  await screen.findByTestId("own-only");
  expect(screen.queryByTestId("end-all")).toBeNull();
});

test("whoever is inside sees who watches, and afterwards who ended it and why", async () => {
  tell("bar-watched");
  await waitFor(() => expect(screen.getByTestId("watchers").textContent).toContain("Watched by Ines Carvalho"));
});

test("the ended window names who and why, as text", async () => {
  tell("bar-ended-for");
  await screen.findByText("Ines Carvalho ended this session.");
  expect(screen.getByTestId("ended-reason").textContent).toContain(reason);
});
