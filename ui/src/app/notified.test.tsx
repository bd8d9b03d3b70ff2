import { act, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { go } from "../parts/route";
import { tell } from "./story";

test("a notification leads to the request with the code field focused and empty, and does nothing", async () => {
  const backend = tell("approvals");
  const [approve, deny] = [vi.spyOn(backend, "approve"), vi.spyOn(backend, "deny")];
  await screen.findByTestId("code-field");
  await waitFor(() => expect(window.location.hash).toMatch(/^#\/approvals\/./));
  expect(document.activeElement).not.toBe(screen.getByTestId("code-field"));
  act(() => go(`${window.location.hash.slice(2)}?code`));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("code-field")));
  expect(screen.getByTestId<HTMLInputElement>("code-field").value).toBe("");
  expect(approve).not.toHaveBeenCalled();
  expect(deny).not.toHaveBeenCalled();
});
