import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { RequestList } from "../backend/wire";
import { decided, inbox } from "../backend/fake/samples";
import type { RequestView } from "../generated/bindings";
import { go } from "../parts/route";
import { tell } from "./story";

const waits = inbox[0] as RequestView;
const done = decided[0] as RequestView;
const shown = () => screen.queryByTestId("detail")?.querySelector("[title]")?.getAttribute("title");
const chosen = () => screen.queryByRole("option", { selected: true })?.dataset.testid;
const row = (request: RequestView) => screen.queryByTestId(`row-${request.id}`);
const list = (name: "inbox" | "decided") => screen.getByTestId(`view-${name}`);

/** The pane and the list agree: what is read is what is chosen. */
async function agree(request: RequestView) {
  await waitFor(() => expect([shown(), chosen()]).toEqual([request.id, `row-${request.id}`]));
}

/** Lists that answer when they are told to. */
function slow(backend: ReturnType<typeof tell>) {
  const answers: Record<string, () => void> = {};
  const requests = backend.requests;
  vi.spyOn(backend, "requests").mockImplementation(async (view: RequestList) => {
    if (view !== "mine") await new Promise<void>((answer) => (answers[view] = answer));
    return requests(view);
  });
  return (view: RequestList) => act(async () => answers[view]?.());
}

test("the way back from a decided request leads to the one before and to its list", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await agree(waits);
  await user.click(list("decided"));
  await agree(done);
  act(() => window.history.back());
  await agree(waits);
  expect(list("inbox").getAttribute("aria-pressed")).toBe("true");
  expect(row(done)).toBeNull();
});

test("a link to a waiting request shows it in its own list, whichever was shown", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await user.click(await screen.findByTestId("view-decided"));
  await agree(done);
  go(`approvals/${waits.id}?code`);
  await agree(waits);
  expect(document.activeElement).toBe(await screen.findByTestId("code-field"));
});

test("between the lists, in either order and however late they answer, no pane shows what its list has not", async () => {
  const user = userEvent.setup();
  const backend = tell("approvals");
  await agree(waits);
  const answer = slow(backend);
  await user.click(list("decided"));
  expect([shown(), chosen()]).toEqual([undefined, undefined]);
  await user.click(list("inbox"));
  await answer("decided");
  expect(row(done)).toBeNull();
  await answer("inbox");
  await agree(waits);
  await user.click(list("decided"));
  await user.click(list("inbox"));
  await user.click(list("decided"));
  await answer("inbox");
  expect(row(waits)).toBeNull();
  await answer("decided");
  await agree(done);
});

test("the palette's decided requests open in the list of decided ones", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await agree(waits);
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId("palette-input"), done.ticket);
  await user.click(within(screen.getByRole("dialog")).getByTestId(`palette-request:${done.id}`));
  await agree(done);
});

test("whoever goes to the other list at the moment at which this one comes is not led back", async () => {
  const backend = tell("approvals");
  await agree(waits);
  act(() => go("access"));
  await waitFor(() => expect(screen.queryByTestId("view-decided")).toBeNull());
  const answer = slow(backend);
  act(() => go("approvals"));
  await screen.findByTestId("view-decided");
  // A browser tells the page only afterwards that its address has changed.
  window.history.replaceState(null, "", "#/approvals?decided");
  await answer("inbox");
  expect(window.location.hash).toBe("#/approvals?decided");
  act(() => {
    window.dispatchEvent(new Event("hashchange"));
  });
  await answer("decided");
  await agree(done);
});
