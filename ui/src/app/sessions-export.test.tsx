import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { away } from "../backend/fake/world";
import { go } from "../parts/route";
import { words } from "../parts/words";
import { tell } from "./story";

const say = words.sessions.export;
const rows = () => screen.queryAllByTestId(/^row-/);

test("an export says before that it is written to the log, and is of exactly the list that is shown", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions-export-asking");
  const exported = vi.spyOn(backend, "exportSessions");
  go("sessions?order=longest&reason=!maintenance&scope=read");
  await waitFor(() => expect(screen.queryByTestId("export-asking")).toBeNull());
  await user.click(screen.getByTestId("export"));
  await waitFor(() => expect(screen.getByTestId("export-asking").textContent).toMatch(/9 sessions.*written to the log, with your name/));
  expect(exported).not.toHaveBeenCalled();
  await user.click(screen.getByTestId("export-start"));
  await screen.findByText(say.done("9", "/home/you/Downloads/countersign-sessions-2026-11-26-140000.csv"));
  expect(exported).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ scope: "read", tokens: ["reason:!maintenance"], order: "longest", cursor: null }),
  );
  await user.click(screen.getByTestId("export-close"));
  expect(screen.queryByTestId("export-done")).toBeNull();
});

test("an export that runs says how far it is, and is cancelled", async () => {
  const user = userEvent.setup();
  tell("sessions-export-running");
  await screen.findByText(say.running("9", "18"));
  expect(screen.getByRole("progressbar").getAttribute("value")).toBe("9");
  expect(screen.getByTestId<HTMLButtonElement>("export").disabled).toBe(true);
  await user.click(screen.getByTestId("export-cancel"));
  await screen.findByText(say.cancelled);
});

test("an export that failed says why, and begins again", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  await screen.findByTestId("row-S-90398");
  vi.spyOn(backend, "exportSessions").mockRejectedValueOnce(new Fault(away));
  await user.click(screen.getByTestId("export"));
  await user.click(screen.getByTestId("export-start"));
  await screen.findByText(away.message);
  await user.click(screen.getByRole("button", { name: words.fault.again }));
  await screen.findByTestId("export-done");
});

test("whoever reviews nothing exports nothing", async () => {
  tell("sessions-own");
  await screen.findByTestId("own-only");
  expect(screen.queryByTestId("export")).toBeNull();
});

test("the order stands in the link, the head of its column says so, and a link brings it", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  const sorted = () => screen.getAllByRole("columnheader").filter((one) => one.getAttribute("aria-sort"));
  expect(sorted().map((one) => [one.textContent, one.getAttribute("aria-sort")])).toEqual([[words.sessions.heads.started, "descending"]]);
  await user.click(screen.getByTestId("head-length"));
  expect(window.location.hash).toBe("#/sessions?order=longest");
  await waitFor(() => expect(sorted().map((one) => one.textContent)).toEqual([words.sessions.heads.length]));
  expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ order: "longest" }));
  go("sessions?order=oldest");
  await waitFor(() => expect(sorted()[0]?.getAttribute("aria-sort")).toBe("ascending"));
});

test("as many as there are is said as far as it is known, and the grid has as many rows", async () => {
  tell("sessions-about");
  await waitFor(() => expect(screen.getByTestId("session-count").textContent).toBe("18 of about 1.05 million"));
  await waitFor(() => expect(screen.getByTestId("view-all").textContent).toContain("about 1.05 million"));
});

test("where nobody counts further, the grid says that it does not know", async () => {
  const backend = tell("sessions-more");
  vi.spyOn(backend, "countSessions").mockResolvedValue({ sessions: 10_000, more: true });
  go("sessions?length=>0");
  await waitFor(() => expect(screen.getByTestId("session-count").textContent).toMatch(/^\d+ of 10,000\+$/));
  expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("-1");
});
