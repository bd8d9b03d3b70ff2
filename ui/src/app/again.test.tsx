import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { readOpenedAgain } from "../parts/again";
import { tell } from "./story";

const come = (address: string) => window.history.replaceState(null, "", address);
/** What the shell asks for when a page's process stopped. */
const AGAIN = "/index.html?theme=dark&again=1#/request?ticket=KP-1";

afterEach(() => {
  come("/");
  readOpenedAgain();
});

test("a page that is opened again says so once, and its address is as before", async () => {
  const user = userEvent.setup();
  come(AGAIN);
  expect(readOpenedAgain()).toBe(true);
  expect(window.location.href).toMatch(/\/index\.html\?theme=dark#\/request\?ticket=KP-1$/);
  tell("access");
  expect((await screen.findByTestId("opened-again")).textContent).toContain("had stopped by itself");
  await user.click(screen.getByTestId("dismiss-again"));
  expect(screen.queryByTestId("opened-again")).toBeNull();
  expect(readOpenedAgain()).toBe(false);
});

test("a page that is opened in any other way says nothing of it", async () => {
  come("/index.html?theme=dark#/access?again=1");
  expect(readOpenedAgain()).toBe(false);
  tell("access");
  await screen.findByTestId("request-access");
  expect(screen.queryByTestId("opened-again")).toBeNull();
});

test("whoever is not signed in and the bar of a session are told too", async () => {
  come(AGAIN);
  readOpenedAgain();
  tell("join");
  await screen.findByTestId("opened-again");
  document.body.replaceChildren();
  tell("bar");
  expect((await screen.findByTestId("opened-again")).textContent).toContain("The session was not interrupted");
});

test("an Organization's page that stopped is said to have stopped, and loaded again when somebody wants it", async () => {
  const user = userEvent.setup();
  const backend = tell("bar-page-stopped");
  const move = vi.spyOn(backend, "moveSession");
  const said = await screen.findByTestId("page-stopped");
  expect(said.textContent).toContain("The session is still open");
  screen.getByTestId("end-session");
  expect(move).not.toHaveBeenCalled();
  await user.click(screen.getByTestId("load-again"));
  expect(move).toHaveBeenCalledExactlyOnceWith("S-90412", "reload");
  await waitFor(() => expect(screen.queryByTestId("page-stopped")).toBeNull());
});

test("what is paused says that, whatever else the page did", async () => {
  const backend = tell("bar-paused");
  const [one] = await backend.doors();
  vi.spyOn(backend, "doors").mockResolvedValue(one ? [{ ...one, pageStopped: true }] : []);
  await screen.findByTestId("paused");
  expect(screen.queryByTestId("page-stopped")).toBeNull();
});
