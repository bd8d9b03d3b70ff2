import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { prefer } from "../parts/preferences";
import { tell } from "./story";

const chosen = (testid: string) => screen.getByTestId(testid).querySelector("input") as HTMLInputElement;

test("a digit chooses in the group that has the focus, as far as policy allows, and nowhere else", async () => {
  const user = userEvent.setup();
  tell("request");
  await screen.findByTestId("reason-maintenance");
  chosen("reason-customer-reported-problem").focus();
  await user.keyboard("4");
  expect([chosen("reason-maintenance").checked, document.activeElement]).toEqual([true, chosen("reason-maintenance")]);
  await user.keyboard("1");
  expect(chosen("reason-customer-reported-problem").checked).toBe(true);
  chosen("scope-read").focus();
  await user.keyboard("1");
  expect(chosen("scope-diagnostics").checked).toBe(true);
  await user.keyboard("4");
  expect(chosen("scope-administer").disabled).toBe(true);
  expect(chosen("scope-diagnostics").checked, "what policy forbids is not chosen").toBe(true);
  chosen("duration-900").focus();
  await user.keyboard("2");
  expect(chosen("duration-1800").checked).toBe(true);
  await user.type(screen.getByTestId("justification"), "1");
  expect(screen.getByTestId<HTMLTextAreaElement>("justification").value.endsWith("1")).toBe(true);
  expect(chosen("duration-1800").checked).toBe(true);
});

test("without single keys no digit chooses", async () => {
  const user = userEvent.setup();
  prefer({ singleKeys: false });
  tell("request");
  await screen.findByTestId("reason-maintenance");
  chosen("reason-customer-reported-problem").focus();
  await user.keyboard("4");
  expect(chosen("reason-maintenance").checked).toBe(false);
});
