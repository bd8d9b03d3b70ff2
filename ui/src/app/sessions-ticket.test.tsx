import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { fake } from "../backend/fake";
import { words } from "../parts/words";
import { tell } from "./story";

const rows = () => screen.queryAllByTestId(/^row-/);
const here = () => decodeURIComponent(window.location.hash);
const tellOf = (id: string) => fake("sessions").session(id);
const field = () => screen.findByTestId<HTMLInputElement>("session-filter");

test("a ticket is found by its beginning, which is offered as it is typed", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  await user.type(await field(), "ticket:KP-48{ArrowDown}{Enter}");
  expect(here()).toBe("#/sessions?ticket=^KP-48");
  expect(screen.getByTestId("chip-ticket").textContent).toBe("ticketbegins withKP-48");
  await waitFor(() => expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ tokens: ["ticket:^KP-48"] })));
  const begun = rows().length;
  expect(begun).toBeGreaterThan(0);
  await user.click(screen.getByTestId("drop-ticket"));
  await user.type(await field(), "ticket:KP-48{Enter}");
  expect(here(), "Enter alone takes what was typed as a whole").toBe("#/sessions?ticket=KP-48");
  await screen.findByText(words.sessions.noMatch);
});

test("two letters begin too many tickets", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await user.type(await field(), "ticket:^KP{Enter}");
  expect(screen.getByRole("alert").textContent).toBe(words.sessions.wrong.begins);
  await user.clear(await field());
  await user.type(await field(), "person:^Rui{Enter}");
  expect(screen.getByRole("alert").textContent).toBe(words.sessions.wrong.op("person"));
});

test("a plain word offers the filters that it may stand for, which look nothing through", async () => {
  const user = userEvent.setup();
  const backend = tell("sessions");
  const asked = vi.spyOn(backend, "sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  const input = await field();
  await user.type(input, "rui");
  await user.click(await screen.findByTestId("complete-person:Rui Tanaka"));
  expect(input.value).toBe("");
  expect(here()).toBe("#/sessions?person=Rui Tanaka".replace(" ", "+"));
  await waitFor(() => expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ text: "", tokens: ["person:Rui Tanaka"] })));
  await user.type(input, "bank kp-482");
  await user.click(await screen.findByTestId("complete-ticket:^kp-482"));
  expect(input.value, "the other word stays").toBe("bank");
  await waitFor(() =>
    expect(asked).toHaveBeenLastCalledWith(expect.objectContaining({ text: "bank", tokens: ["person:Rui Tanaka", "ticket:^kp-482"] })),
  );
});

test("a ticket that the palette does not know is looked for among all sessions, by its beginning", async () => {
  const user = userEvent.setup();
  tell("access");
  await screen.findByTestId("request-access");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId("palette-input"), "#ZZ");
  await screen.findByText(words.palette.none);
  await user.keyboard("-1");
  expect(screen.getByTestId("palette-ticket").textContent).toContain("ZZ-1");
  await user.keyboard("{Enter}");
  expect(here()).toBe("#/sessions?ticket=^ZZ-1");
});

test("how a value is meant is chosen from a list that fits it", async () => {
  const user = userEvent.setup();
  tell("sessions");
  await waitFor(() => expect(rows()).toHaveLength(18));
  window.location.hash = "#/sessions?when=7d&length=>30&ticket=KP-482";
  await user.click(await screen.findByTestId("op-ticket"));
  expect((await screen.findAllByRole("menuitemradio")).map((one) => one.textContent)).toEqual(["is", "begins with", "is not"]);
  await user.click(screen.getByTestId("op-ticket-begins"));
  expect(here()).toBe("#/sessions?when=7d&length=>30&ticket=^KP-482");
  await user.click(await screen.findByTestId("op-length"));
  await user.click(await screen.findByTestId("op-length-most"));
  expect(here()).toContain("length=<30");
  expect(screen.queryByTestId("op-when"), "a time has one way").toBeNull();
  screen.getByTestId("op-length").focus();
  await user.keyboard("{Backspace}");
  expect(here()).not.toContain("length");
});

test("what the rules point at stands beside the list", async () => {
  const user = userEvent.setup();
  tell("sessions");
  expect(screen.queryByTestId("peek-findings"), "nobody has looked at what runs").toBeNull();
  await user.click(await screen.findByTestId("row-S-90398"));
  const found = await screen.findByTestId("peek-findings");
  const { findings } = await tellOf("S-90398");
  expect(findings?.length).toBeGreaterThan(0);
  for (const one of findings ?? []) expect(found.textContent).toContain(one.sentence);
});
