import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { go } from "../parts/route";
import { words } from "../parts/words";
import { tell } from "./story";

const rows = () => screen.queryAllByTestId(/^row-/);
const here = () => decodeURIComponent(window.location.hash);
const field = () => screen.findByTestId<HTMLInputElement>("session-filter");

test("a token is written with the keyboard, stands in the link, and Backspace takes it away", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  const input = await field();
  await user.type(input, "rui or{ArrowDown}{Enter}");
  expect(input.value).toBe("rui org:");
  await user.type(input, "cob{ArrowDown}");
  expect(input.getAttribute("aria-activedescendant")).toBe(screen.getByRole("option", { selected: true }).id);
  await user.keyboard("{Tab}");
  expect(here()).toBe("#/sessions?text=rui&organization=cobalt-health");
  expect(document.activeElement).toBe(input);
  await waitFor(() => expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ organization: "cobalt-health" })));
  await waitFor(() => expect(rows()).toHaveLength(2));
  await user.clear(input);
  await user.keyboard("{Backspace}");
  expect(here()).toBe("#/sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
});

test("a token that is none says why, and the list stays", async () => {
  const user = userEvent.setup();
  tell("sessions");
  const input = await field();
  await waitFor(() => expect(rows()).toHaveLength(18));
  await user.type(input, "length:soon{Enter}");
  expect(screen.getByRole("alert").textContent).toBe(words.sessions.wrong.length);
  expect(input.getAttribute("aria-invalid")).toBe("true");
  expect(rows()).toHaveLength(18);
  await user.clear(input);
  expect(screen.queryByRole("alert")).toBeNull();
  await user.type(input, "colour:red{Enter}");
  expect(screen.getByRole("alert").textContent).toContain("no filter “colour”");
});

test("a link brings its tokens, pressing one writes it again, and its cross takes it away", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  go("sessions?length=>30&reason=!legal-disclosure");
  await waitFor(() => expect(rows()).toHaveLength(8));
  await user.click(screen.getByTestId("token-length"));
  const input = await field();
  expect(input.value).toBe("length:>30");
  await user.type(input, "{Backspace}{Backspace}100{Enter}");
  expect(here()).toBe("#/sessions?reason=!legal-disclosure&length=>100");
  await waitFor(() => expect(rows()).toHaveLength(3));
  await user.click(screen.getByTestId("drop-length"));
  expect(here()).toBe("#/sessions?reason=!legal-disclosure");
});

test("Control G asks for a date, and Enter after plain words opens what is found", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await screen.findByTestId("row-S-90398");
  screen.getByRole("grid").focus();
  await user.keyboard("{Control>}g{/Control}");
  const input = await field();
  expect([input.value, document.activeElement]).toEqual(["when:", input]);
  expect(screen.getAllByRole("option")).toHaveLength(3);
  await user.clear(input);
  await user.type(input, "brightwater{Enter}");
  expect(here()).toBe("#/replay/S-90398");
});

test("a view of one's own is kept, renamed, deleted and brought back", async () => {
  const user = userEvent.setup();
  tell("sessions-naming");
  await user.type(await screen.findByTestId("view-name"), "Only read{Enter}");
  const own = () => screen.queryByTestId("own-view-0");
  expect(own()?.getAttribute("aria-selected")).toBe("true");
  await user.click(screen.getByTestId("view-all"));
  go("sessions");
  await waitFor(() => expect(own()?.getAttribute("aria-selected")).toBe("false"));
  await user.click(own() as HTMLElement);
  expect(here()).toBe("#/sessions?length=>15&scope=read");
  await user.click(screen.getByTestId("rename-view"));
  const name = screen.getByTestId("view-name");
  await user.clear(name);
  await user.type(name, "Long{Enter}");
  expect(own()?.textContent).toBe("Long");
  await user.click(screen.getByTestId("delete-view"));
  expect(own()).toBeNull();
  await user.click(screen.getByTestId("undo-delete-view"));
  expect(own()?.textContent).toBe("Long");
  expect(JSON.parse(window.localStorage.getItem("preferences") ?? "{}").views).toEqual([
    { name: "Long", query: "length=%3E15&scope=read" },
  ]);
});

test("what is looked for in a part of the list is said to be, and the way on is there", async () => {
  const user = userEvent.setup();
  tell("sessions-further");
  await waitFor(() => expect(rows()).toHaveLength(1));
  expect(screen.getByTestId("session-count").textContent).toBe("1 found in 10 looked through");
  screen.getByText(words.sessions.lookedThrough("10"));
  await user.click(screen.getByTestId("more-sessions"));
  await waitFor(() => expect(rows()).toHaveLength(3));
  expect(screen.getByTestId("session-count").textContent).toBe("3 found in 18 looked through");
});

test("where nothing fits yet in a part of the list, it is not said that nothing does", async () => {
  const user = userEvent.setup();
  tell("sessions-further-none");
  await screen.findByText(words.sessions.lookedThrough("10"));
  await user.click(screen.getByTestId("more-sessions"));
  await waitFor(() => expect(rows()).toHaveLength(1));
});

test("columns that were asked for are shown and kept on this computer", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await screen.findByTestId("row-S-90398");
  const heads = () => screen.getAllByRole("columnheader").map((one) => one.textContent);
  expect(heads()).not.toContain(words.sessions.heads.approvers);
  await user.click(screen.getByTestId("columns"));
  await user.click(await screen.findByTestId("column-approvers"));
  await user.click(screen.getByTestId("column-requests"));
  await user.keyboard("{Escape}");
  expect(heads().slice(4, 6)).toEqual([words.sessions.heads.approvers, words.sessions.heads.requests]);
  expect(screen.getByTestId("row-S-90398").children).toHaveLength(11);
  expect(JSON.parse(window.localStorage.getItem("preferences") ?? "{}").columns).toEqual(["approvers", "requests"]);
});

test("what is chosen stands in the link once it rests, and a link chooses it, with its filter", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await user.click(await screen.findByTestId("row-S-90398"));
  await waitFor(() => expect(here()).toBe("#/sessions/S-90398"));
  await user.type(await field(), "brightwater");
  expect(here()).toBe("#/sessions/S-90398?text=brightwater");
  const other = rows().find((row) => row.getAttribute("aria-selected") === "false") as HTMLElement;
  go(`sessions/${other.id.replace("session-", "")}?text=brightwater`);
  await waitFor(() => expect(screen.getByRole("row", { selected: true }).id).toBe(other.id));
});

test("a link to a session that is not in what was loaded shows that one, and no other in its place", async () => {
  tell("sessions-linked");
  const peek = within(await screen.findByTestId("peek"));
  peek.getByTitle("S-9999");
  expect(screen.queryByRole("row", { selected: true })).toBeNull();
});

test("a link to a session that there is not says so", async () => {
  tell("sessions-linked-gone");
  await screen.findByText(/There is no such session/);
  expect(screen.queryByTestId("peek")).toBeNull();
});

test("where a part is looked through, nothing more is loaded by itself", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions-further");
  await waitFor(() => expect(rows()).toHaveLength(1));
  const load = vi.spyOn(backend, "sessions");
  screen.getByRole("grid").focus();
  await user.keyboard("{End}{PageDown}{ArrowDown}");
  await new Promise((done) => setTimeout(done, 100));
  expect(load).not.toHaveBeenCalled();
});
