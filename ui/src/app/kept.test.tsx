import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { inbox } from "../backend/fake/samples";
import { go } from "../parts/route";
import { tell } from "./story";

const said = "Compared with the ticket.";
const [first, second, third] = inbox.map((one) => one.id);
const comment = () => screen.findByTestId<HTMLInputElement>("comment");

test("a page that fails loses nothing of what was typed on it", async () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  const user = userEvent.setup();
  const backend = tell("approvals");
  await user.type(await comment(), said);
  const whole = await backend.request(first ?? "");
  const look = vi.spyOn(backend, "request").mockResolvedValue({ ...whole, left: null as never });
  // Any notice about requests has the page look again.
  await act(() => backend.deny(third ?? "", "Not needed"));
  await screen.findByTestId("page-failed");
  look.mockRestore();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect((await comment()).value).toBe(said);
  quiet.mockRestore();
});

test("whoever looks at another request, or at another page, finds what they had typed, and nothing of it elsewhere", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await user.type(await comment(), said);
  act(() => go(`approvals/${second}`));
  await waitFor(async () => expect((await comment()).value).toBe(""));
  act(() => go("access"));
  await screen.findByTestId("request-access");
  act(() => go(`approvals/${first}`));
  await waitFor(async () => expect((await comment()).value).toBe(said));
  expect(JSON.stringify({ ...window.localStorage })).not.toContain(said);
});

test("a page whose process stops loses nothing of it either: it is not in that process, and on no disk", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await user.type(await comment(), said);
  expect(JSON.stringify({ ...window.sessionStorage })).toContain(said);
  expect(JSON.stringify({ ...window.localStorage })).not.toContain(said);
  await user.clear(await comment());
  expect(JSON.stringify({ ...window.sessionStorage })).not.toContain(said);
});

test("whoever signs in next finds nothing of what was typed before", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  await user.type(await comment(), said);
  act(() => go(`approvals/${second}`));
  await waitFor(async () => expect((await comment()).value).toBe(""));
  await act(() => backend.signOut());
  await screen.findByTestId("sign-in");
  await act(() => backend.enterCode("419877"));
  act(() => go(`approvals/${first}`));
  await waitFor(() => expect(screen.getByTestId("detail").querySelector("h1")?.textContent).toBe(inbox[0]?.organization.name));
  expect((await comment()).value).toBe("");
});

test("what was typed into a form that a link filled is there when one comes back by that link, and under no other", async () => {
  const user = userEvent.setup();
  tell("request");
  const link = window.location.hash.slice(2);
  const field = () => screen.findByTestId<HTMLTextAreaElement>("justification");
  await user.type(await field(), said);
  act(() => go("access"));
  await screen.findByTestId("request-access");
  act(() => go("request?organization=delmar-foods&ticket=KP-1"));
  expect((await field()).value).toBe("");
  act(() => go(link));
  await waitFor(async () => expect((await field()).value).toBe(said));
  expect(screen.getByTestId<HTMLInputElement>("ticket").value).toBe("KP-48221");
});
