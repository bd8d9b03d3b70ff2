import { readFileSync } from "node:fs";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { away } from "../backend/fake/world";
import { tell } from "./story";

test("closing a session window asks, and keeping it puts the window away", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-closing");
  const [end, putAway] = [vi.spyOn(backend, "endSession"), vi.spyOn(backend, "putAway")];
  expect((await screen.findByTestId("closing")).textContent).toContain("End the session, or keep it for");
  await user.click(screen.getByTestId("close-keep"));
  expect(putAway).toHaveBeenCalled();
  expect(end).not.toHaveBeenCalled();
  expect(screen.queryByTestId("closing")).toBeNull();
});

test("closing a session window can end the session, and the window goes with it", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-closing");
  const [end, close] = [vi.spyOn(backend, "endSession"), vi.spyOn(backend, "closeWindow")];
  await user.click(await screen.findByTestId("close-end"));
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(end).toHaveBeenCalledBefore(close);
});

test("a paused page says so where the page was, and the bar does not claim that it records", async () => {
  tell("bar-paused");
  expect((await screen.findByTestId("paused")).textContent).toContain("Recording stopped");
  expect(screen.getByTestId("recording").textContent).toBe("Recording stopped");
  screen.getByRole("heading", { name: "The page is paused." });
});

test("the bar says how long is left at ten, five and one minute, and a press puts it away", async () => {
  const user = userEvent.setup();
  tell("bar-last");
  const warning = await screen.findByTestId("warning");
  expect(warning.textContent).toContain("5 minutes left");
  // The countdown speaks each of these minutes. Said here as well, they would be heard twice.
  expect(warning.closest("[role=status], [role=alert], [aria-live]")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByTestId("warning")).toBeNull();
});

test("quitting with a session open asks, and staying is told to the shell", async () => {
  const user = userEvent.setup();
  const backend = tell("access-quit");
  const [quit, stay] = [vi.spyOn(backend, "quit"), vi.spyOn(backend, "stay")];
  await user.click(await screen.findByTestId("stay"));
  expect(stay).toHaveBeenCalled();
  await waitFor(() => expect(screen.queryByTestId("quit")).toBeNull());
  expect(quit).not.toHaveBeenCalled();
});

test("a sign-in that failed in the browser is told, with what to do next and the details to copy", async () => {
  tell("sign-in-refused");
  const fault = await screen.findByTestId("fault");
  expect(fault.textContent).toContain("Nobody is signed in");
  expect(fault.textContent).toContain("Try again with the account");
  within(fault).getByRole("button", { name: "Copy details" });
  expect(screen.getByTestId("sign-in").textContent).toContain("Try again in the browser");
});

test("a recording that does not match the log is not shown, not called unaltered, and cannot be marked reviewed", async () => {
  tell("replay-altered");
  expect((await screen.findByTestId("mismatch")).textContent).toContain("Frame 41");
  expect(screen.getByTestId("proof").dataset.verified).toBe("false");
  expect(screen.queryByTestId("stage")).toBeNull();
  expect(screen.queryByTestId("mark-reviewed")).toBeNull();
  screen.getByTestId("flag");
});

test("a recording that is not whole says what is missing", async () => {
  tell("replay-incomplete");
  expect((await screen.findByTestId("incomplete")).title).toContain("never came");
});

test("v_04 what a page reported is labelled as that, and adds nothing to what the gateway forwarded", async () => {
  const user = userEvent.setup();
  tell("replay");
  expect((await screen.findByTestId("reported")).textContent).toBe("Rebuilt from what the page reported");
  await user.click(screen.getByTestId("view-requests"));
  expect(screen.getByTestId("reported").textContent).toBe("What the gateway forwarded");
});

test("v_08 there is no terminal to replay", async () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies).filter((name) => /term|pty|ansi|asciinema/i.test(name))).toEqual([]);
});

test("a session whose window is gone is taken up again from Access", async () => {
  const user = userEvent.setup();
  const backend = tell("access-lost");
  const [open, show] = [vi.spyOn(backend, "openSession"), vi.spyOn(backend, "showSession")];
  await user.click(await screen.findByTestId("return-session"));
  await waitFor(() => expect(open).toHaveBeenCalled());
  expect(show).not.toHaveBeenCalled();
});

test("x_01 a link to a session shows it in the list and does not replay it", async () => {
  const backend = tell("sessions");
  const recording = vi.spyOn(backend, "recording");
  await screen.findByText("Sessions", { selector: "h1" });
  window.location.hash = "#/sessions/S-90398";
  await waitFor(() => expect(document.querySelector(".peek, [data-testid=peek]")?.textContent).toContain("S-90398"));
  expect(recording).not.toHaveBeenCalled();
});

test("a join file that is dropped anywhere on its step stands in the field, and joins", async () => {
  const user = userEvent.setup();
  const backend = tell("join");
  const join = vi.spyOn(backend, "join");
  const field = await screen.findByTestId<HTMLTextAreaElement>("join-text");
  fireEvent.drop(field.closest(".join") as HTMLElement, { dataTransfer: { files: [new File(['{"operator":"x"}'], "join.json")] } });
  await waitFor(() => expect(field.value).toBe('{"operator":"x"}'));
  await user.click(screen.getByTestId("join"));
  expect(join).toHaveBeenCalledWith('{"operator":"x"}');
});

test("a session that could not be ended, and a page that did not move, say so in the bar", async () => {
  const user = userEvent.setup();
  const backend = tell("bar");
  vi.spyOn(backend, "endSession").mockRejectedValue(new Fault(away));
  await user.click(await screen.findByTestId("end-session"));
  await user.click(screen.getByTestId("end-session"));
  const fault = await screen.findByTestId("fault");
  expect(fault.textContent).toContain("does not answer");
  within(fault).getByRole("button", { name: "Copy details" });
  vi.spyOn(backend, "moveSession").mockRejectedValue(new Fault({ ...away, message: "The page did not move." }));
  await user.click(screen.getByRole("button", { name: "Back" }));
  await screen.findByText("The page did not move.");
});
