import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { prefer } from "../parts/preferences";
import { tell } from "./story";

const field = () => screen.findByTestId<HTMLInputElement>("palette-input");
const here = () => window.location.hash;
const pane = () => document.activeElement?.closest("[data-pane]")?.getAttribute("data-pane");

async function find(typed: string) {
  const user = userEvent.setup();
  await user.keyboard("{Control>}k{/Control}");
  if (typed) await user.type(await field(), typed);
  return user;
}

test("the palette is a combobox that names its active option, counts what it found, and axe objects to nothing", async () => {
  tell("sessions");
  await screen.findByTestId("row-S-90398");
  await find("kin");
  const input = await field();
  expect(input.getAttribute("role")).toBe("combobox");
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "") as HTMLElement;
  expect(list.getAttribute("role")).toBe("listbox");
  await waitFor(() =>
    expect(
      within(list)
        .getAllByRole("group")
        .map((one) => one.getAttribute("aria-label")),
    ).toEqual(["Request access", "Organizations", "Sessions"]),
  );
  const active = document.getElementById(input.getAttribute("aria-activedescendant") ?? "");
  expect(active?.textContent).toContain("Request access to Kinloch Hotels");
  expect(active?.querySelector("b")?.textContent).toBe("Kin");
  fireEvent.change(input, { target: { value: "kinloch" } });
  expect(screen.queryByText("5 results")).toBeNull();
  await screen.findByText("5 results");
  const { violations } = await axe.run(screen.getByRole("dialog"), { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map((one) => one.id)).toEqual([]);
});

test("Enter replays a session that was found by its number, and Control Enter shows it in the list", async () => {
  const backend = tell("sessions");
  await screen.findByTestId("row-S-90398");
  const recording = vi.spyOn(backend, "recording");
  const user = await find("S-90398");
  await screen.findByTestId("palette-session:S-90398");
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(here()).toBe("#/sessions/S-90398");
  expect(recording).not.toHaveBeenCalled();
  await find("S-90398");
  await screen.findByTestId("palette-session:S-90398");
  await user.keyboard("{Enter}");
  expect(here()).toBe("#/replay/S-90398");
});

test("an id that nothing here has is shown by the page that can know it, and nothing is opened by that", async () => {
  const backend = tell("sessions");
  await screen.findByTestId("row-S-90398");
  const recording = vi.spyOn(backend, "recording");
  const id = "fcM_IVze-Y69fcM_IVze-Y69fcM_IVze-Y69fcM_IVz";
  const user = await find(id);
  await screen.findByTestId("palette-request");
  await user.click(await screen.findByTestId("palette-session"));
  expect(here()).toBe(`#/sessions/${id}`);
  expect(recording).not.toHaveBeenCalled();
  await find("fcM_IVze");
  await screen.findByText("Nothing found.");
});

test("a sign narrows to tickets, people or commands", async () => {
  tell("approvals");
  await screen.findByTestId("detail");
  const groups = () => screen.getAllByRole("group", { hidden: true }).map((one) => one.getAttribute("aria-label"));
  const user = await find(">theme");
  await waitFor(() => expect(groups()).toEqual(["Commands"]));
  await user.clear(await field());
  await user.type(await field(), "#KP-48219");
  await waitFor(() => expect(groups()).toEqual(["Requests"]));
  await user.clear(await field());
  await user.type(await field(), "@joon");
  await waitFor(() => expect(groups()).toContain("People"));
  await user.keyboard("{Enter}");
  expect(here()).toMatch(/^#\/(sessions|approvals)/);
});

test("a link of ours that is pasted jumps, and no other text is taken for one", async () => {
  tell("access");
  await screen.findByTestId("request-access");
  const user = await find("");
  await user.click(await field());
  await user.paste("countersign://session/S-90398");
  await user.keyboard("{Enter}");
  expect(here()).toBe("#/sessions/S-90398");
  await find("");
  await user.click(await field());
  await user.paste("countersign://replay/S-90398");
  await screen.findByText("Nothing found.");
});

test("what cannot be loaded is said, and what is known is found", async () => {
  tell("sessions-failed");
  await screen.findByTestId("fault");
  await find("kinl");
  await screen.findByText(/could not be loaded/, { selector: ".partly" });
  await screen.findByTestId("palette-organization:kinloch-hotels");
});

test("signing out from the palette asks as long as a session is open", async () => {
  const backend = tell("access");
  const out = vi.spyOn(backend, "signOut");
  await screen.findByTestId("request-access");
  const user = await find("sign out");
  await user.keyboard("{Enter}");
  await screen.findByRole("alertdialog");
  expect(out).not.toHaveBeenCalled();
});

test("F10 opens the menu with the keys of every command, and what is chosen is done", async () => {
  const user = userEvent.setup();
  tell("access");
  await screen.findByTestId("request-access");
  await user.keyboard("{F10}");
  expect((await screen.findByTestId("menu-do:request")).textContent).toContain("Ctrl N");
  const items = screen.getAllByRole("menuitem");
  expect(items.at(-1)?.textContent).toContain("Help");
  await user.click(screen.getByTestId("menu-go:log"));
  await screen.findByTestId("verdict");
  await user.click(screen.getByTestId("menu"));
  await user.click(await screen.findByTestId("menu-do:help"));
  await screen.findByTestId("close-help");
});

test("Alt pressed alone opens the menu; with another key it does not", async () => {
  tell("access");
  await screen.findByTestId("request-access");
  fireEvent.keyDown(window, { key: "Alt" });
  fireEvent.keyDown(window, { key: "x", altKey: true });
  fireEvent.keyUp(window, { key: "Alt" });
  expect(screen.queryByRole("menu")).toBeNull();
  fireEvent.keyDown(window, { key: "Alt" });
  fireEvent.keyUp(window, { key: "Alt" });
  await screen.findByRole("menu");
});

test("F6 goes through the panes and back, and remembers the place in each", async () => {
  const user = userEvent.setup();
  tell("approvals");
  await screen.findByTestId("code-field");
  screen.getByTestId("nav-sessions").focus();
  await user.keyboard("{F6}");
  expect(pane()).toBe("inbox");
  await user.keyboard("{F6}");
  expect(pane()).toBe("splitter inbox");
  await user.keyboard("{F6}");
  expect(pane()).toBe("request");
  await user.keyboard("{F6}");
  expect(pane()).toBe("status");
  await user.keyboard("{F6}");
  expect(document.activeElement).toBe(screen.getByTestId("nav-sessions"));
  await user.keyboard("{Shift>}{F6}{/Shift}");
  expect(pane()).toBe("status");
});

test("single keys can be turned off, and keys that are no letters go on", async () => {
  const user = userEvent.setup();
  tell("settings");
  await user.click(await screen.findByTestId("single-keys"));
  expect(within(screen.getByTestId("shortcuts")).queryByText("deny")).toBeNull();
  await user.click(document.body);
  await user.keyboard("gu?");
  expect(here()).toBe("#/settings");
  expect(screen.queryByRole("dialog")).toBeNull();
  await user.keyboard("{F1}");
  await screen.findByTestId("close-help");
});

test("without single keys A does not go to the code", async () => {
  const user = userEvent.setup();
  prefer({ singleKeys: false });
  tell("approvals");
  const code = await screen.findByTestId("code-field");
  await user.keyboard("a");
  expect(document.activeElement).not.toBe(code);
  expect(screen.queryByText("countersign", { selector: ".inbox-foot" })).toBeNull();
});

test("a question mark shows the keys, Control and a comma the settings", async () => {
  const user = userEvent.setup();
  tell("access");
  await screen.findByTestId("request-access");
  await user.keyboard("?");
  await user.click(await screen.findByTestId("close-help"));
  await user.keyboard("{Control>},{/Control}");
  await screen.findByTestId("single-keys");
});

test("text size and density are kept on this computer and shown at once; what was kept by hand and is none of them is not taken", async () => {
  const user = userEvent.setup();
  tell("settings");
  await user.click(await screen.findByTestId("text-size-1.3"));
  await user.click(screen.getByTestId("density-roomy"));
  const { dataset } = document.documentElement;
  expect([dataset.textSize, dataset.density]).toEqual(["1.3", "roomy"]);
  expect(JSON.parse(window.localStorage.getItem("preferences") ?? "")).toMatchObject({ textSize: 1.3, density: "roomy" });
  window.localStorage.setItem("preferences", '{"textSize": 40, "density": "x", "singleKeys": "no"}');
  fireEvent(window, new StorageEvent("storage"));
  expect([dataset.textSize, dataset.density]).toEqual([undefined, undefined]);
});

test("a theme that could not be kept is used and said", async () => {
  const user = userEvent.setup();
  tell("settings-failed");
  await user.click(await screen.findByTestId("theme-dark"));
  expect(document.documentElement.dataset.theme).toBe("dark");
  await screen.findByTestId("fault");
  delete document.documentElement.dataset.theme;
});

test("arrows move a splitter within its bounds, and its place is kept", async () => {
  const user = userEvent.setup();
  tell("approvals");
  const splitter = await screen.findByTestId("splitter-inbox");
  splitter.focus();
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowLeft}");
  expect(splitter.getAttribute("aria-valuenow")).toBe("292");
  expect((document.querySelector(".split") as HTMLElement).style.getPropertyValue("--inbox-w")).toBe("292px");
  await user.keyboard("{End}{ArrowRight}");
  expect(splitter.getAttribute("aria-valuenow")).toBe("420");
  expect(JSON.parse(window.localStorage.getItem("preferences") ?? "")).toMatchObject({ panes: { inbox: 420 } });
  window.localStorage.setItem("preferences", '{"panes": {"inbox": 90000, "other": 300}}');
  fireEvent(window, new StorageEvent("storage"));
  await waitFor(() => expect(splitter.getAttribute("aria-valuenow")).toBe("276"));
});
