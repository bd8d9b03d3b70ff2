import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { inbox } from "../backend/fake/samples";
import { tell } from "./story";

const fate = async () => (await screen.findByTestId("fate")).textContent;
const [first, , third] = inbox;

test("a request that waits says until when, with its day as inside a sentence", async () => {
  tell("approvals");
  await waitFor(async () => expect(await fate()).toMatch(/^Good until (?:today|tomorrow|\w{3} \d+ \w{3}) \d\d:\d\d:\d\d$/));
});

test("what somebody else signed meanwhile asks for nothing", async () => {
  tell("approvals-taken");
  await waitFor(async () =>
    expect(await fate()).toMatch(/^Signed by Ben Okafor, .*\d\d:\d\d\. Nothing for you to do\. It can be opened until/),
  );
  expect(screen.queryByTestId("code-field")).toBeNull();
});

test("what was taken back asks for nothing", async () => {
  tell("approvals-withdrawn");
  await waitFor(async () => expect(await fate()).toBe("Mara withdrew this. Nothing for you to do."));
  expect(screen.queryByTestId("code-field")).toBeNull();
});

test("whoever reads a request hears that it was taken back, and their comment is not lost by it", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  await user.type(await screen.findByTestId("comment"), "Almost done");
  const spot = screen.getByTestId("fate");
  expect(spot.getAttribute("role")).toBe("status");
  const whole = await backend.request(first?.id ?? "");
  vi.spyOn(backend, "request").mockResolvedValue({ ...whole, state: "withdrawn", decidable: false });
  await act(() => backend.deny(third?.id ?? "", "Not needed"));
  await waitFor(() => expect(spot.textContent).toBe("Mara withdrew this. Nothing for you to do."));
});

test.each([
  ["denied", "It was denied. Nothing was opened by it."],
  ["expired", "It has expired. Nothing was opened by it."],
  ["ended", "It is over. Ended by the asker."],
])("%s is said in words", async (state, wanted) => {
  const backend = tell("approvals");
  const whole = await backend.request(first?.id ?? "");
  vi.spyOn(backend, "request").mockResolvedValue({ ...whole, state, decidable: false, endedBy: "ended-by-requester" });
  await waitFor(async () => expect(await fate()).toBe(wanted));
});
