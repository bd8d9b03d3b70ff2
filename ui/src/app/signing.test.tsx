import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { inbox } from "../backend/fake/samples";
import { away } from "../backend/fake/world";
import { go } from "../parts/route";
import { tell } from "./story";

const code = () => screen.findByTestId<HTMLInputElement>("code-field");
const title = () => within(screen.getByTestId("detail")).getByRole("heading", { level: 1 }).textContent;
const never = () => new Promise<never>(() => {});
const [first, second] = inbox;

test("what came before a request is looked up for it, and no code can be typed before it is there", async () => {
  const backend = tell("approvals");
  let answer = () => {};
  const looked = vi.spyOn(backend, "request").mockImplementation(
    (id) =>
      new Promise((done) => {
        answer = () => done({ ...(first as NonNullable<typeof first>), id });
      }),
  );
  await screen.findByTestId("detail");
  expect(looked).toHaveBeenCalledWith(first?.id);
  expect(screen.queryByTestId("code-field")).toBeNull();
  expect(screen.queryByText("Asked for this Organization before.")).toBeNull();
  answer();
  await code();
  screen.getByText("Asked for this Organization before.");
});

test("when what came before cannot be loaded, it says so and nothing can be signed", async () => {
  const backend = tell("approvals");
  vi.spyOn(backend, "request").mockRejectedValue(new Fault(away));
  await screen.findByText(/could not be loaded/);
  within(screen.getByTestId("fault")).getByRole("button", { name: "Try again" });
  expect(screen.queryByTestId("code-field")).toBeNull();
});

test("a link to a request that is gone shows no other one", async () => {
  tell("approvals");
  await screen.findByTestId("detail");
  go("approvals/nothing-like-it");
  await screen.findByText("This request is not here any more.");
  expect(screen.queryByTestId("detail")).toBeNull();
  expect(screen.queryByTestId("code-field")).toBeNull();
});

test("a link shows the request it names, whatever became of it, and the list does not move it", async () => {
  const backend = tell("approvals");
  await screen.findByTestId("detail");
  const [done] = await backend.requests("decided");
  go(`approvals/${done?.id}`);
  await waitFor(() => expect(title()).toBe("Ferrous Works"));
  expect(screen.queryByTestId("code-field")).toBeNull();
  go("approvals");
  await waitFor(() => expect(title()).toBe(first?.organization.name));
  expect(window.location.hash).toContain(first?.id);
  expect(second?.id).not.toBe(first?.id);
});

test("who asks is named by what everything is decided by, not by a name alone", async () => {
  tell("approvals");
  expect((await screen.findByTestId("detail")).textContent).toContain("mara.lindqvist");
});

test("Control Enter, held or pressed twice, signs one request", async () => {
  const user = userEvent.setup();
  const backend = tell("request");
  const sign = vi.spyOn(backend, "signRequest").mockImplementation(never);
  await user.type(await screen.findByTestId("justification"), "Two employees were paid holiday pay twice.");
  fireEvent.keyDown(window, { key: "Enter", ctrlKey: true, repeat: true });
  expect(sign).not.toHaveBeenCalled();
  fireEvent.keyDown(window, { key: "Enter", ctrlKey: true });
  fireEvent.keyDown(window, { key: "Enter", ctrlKey: true });
  expect(sign).toHaveBeenCalledTimes(1);
});

test("nothing is signed and no page is left behind an open palette", async () => {
  const user = userEvent.setup();
  const backend = tell("request");
  const sign = vi.spyOn(backend, "signRequest").mockImplementation(never);
  await user.type(await screen.findByTestId("justification"), "Two employees were paid holiday pay twice.");
  await user.keyboard("{Control>}k{/Control}");
  await screen.findByTestId("palette-input");
  await user.keyboard("{Control>}{Enter}{/Control}");
  fireEvent.keyDown(screen.getByRole("dialog"), { key: "n", ctrlKey: true });
  expect(sign).not.toHaveBeenCalled();
});

test("Enter twice in the code field signs once; a key that is held signs nothing", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  const approve = vi.spyOn(backend, "approve").mockImplementation(never);
  const field = await code();
  await user.type(field, "419877");
  fireEvent.keyDown(field, { key: "Enter", repeat: true });
  expect(approve).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(approve).toHaveBeenCalledTimes(1);
});

test("Enter twice denies once", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  const deny = vi.spyOn(backend, "deny").mockImplementation(never);
  await code();
  await user.click(screen.getByTestId("deny"));
  await user.type(screen.getByTestId("comment"), "Read is enough");
  fireEvent.keyDown(screen.getByTestId("comment"), { key: "Enter" });
  fireEvent.keyDown(screen.getByTestId("comment"), { key: "Enter" });
  expect(deny).toHaveBeenCalledTimes(1);
});

test("Enter twice at the sign-in code and at the second factor sends one code", async () => {
  const user = userEvent.setup();
  const backend = tell("code");
  const enter = vi.spyOn(backend, "enterCode").mockImplementation(never);
  const field = await code();
  await user.type(field, "419877");
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(enter).toHaveBeenCalledTimes(1);
});

test("a failure that is not about the code keeps the code", async () => {
  const user = userEvent.setup();
  tell("approvals-failed");
  await user.type(await code(), "419877{Enter}");
  await screen.findByTestId("fault");
  expect((await code()).value).toBe("419877");
});

test("a link to the form leaves the draft alone until somebody types, and fills an open form anew", async () => {
  const user = userEvent.setup();
  window.localStorage.setItem("request-draft", JSON.stringify({ at: Date.now(), form: { justification: "What I had typed." } }));
  tell("request");
  const field = await screen.findByTestId<HTMLInputElement>("organization");
  await waitFor(() => expect(field.value).toBe("Kinloch Hotels"));
  expect(window.localStorage.getItem("request-draft")).toContain("What I had typed.");
  go("request?organization=delmar-foods");
  await waitFor(() => expect(screen.getByTestId<HTMLInputElement>("organization").value).toBe("Delmar Foods"));
  await user.type(screen.getByTestId("justification"), "New");
  expect(window.localStorage.getItem("request-draft")).toContain("New");
});

test("signing out with a session open asks first", async () => {
  const user = userEvent.setup();
  const backend = tell("access");
  const out = vi.spyOn(backend, "signOut");
  await user.click(await screen.findByTestId("nav-settings"));
  await user.click(await screen.findByTestId("sign-out"));
  const question = within(await screen.findByRole("alertdialog"));
  expect(out).not.toHaveBeenCalled();
  await user.click(question.getByTestId("confirm-sign-out"));
  expect(out).toHaveBeenCalledTimes(1);
});

test("a sign-out that fails says so", async () => {
  const user = userEvent.setup();
  const backend = tell("access");
  vi.spyOn(backend, "doors").mockResolvedValue([]);
  vi.spyOn(backend, "signOut").mockRejectedValue(new Fault(away));
  await user.click(await screen.findByTestId("nav-settings"));
  await user.click(await screen.findByTestId("sign-out"));
  within(await screen.findByRole("alertdialog")).getByTestId("fault");
});

test("a list that could not be loaded again says as of when it is", async () => {
  const user = userEvent.setup();
  const backend = tell("access");
  await user.click(await screen.findByTestId("withdraw"));
  expect(screen.queryByTestId("stale")).toBeNull();
  vi.spyOn(backend, "requests").mockRejectedValue(new Fault(away));
  await backend.withdraw((await backend.request(inbox[1]?.id ?? "")).id);
  expect((await screen.findByTestId("stale")).textContent).toMatch(/as of \d\d:\d\d/);
});
