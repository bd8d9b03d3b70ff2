import { act, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Button } from "./Button";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));

test("what takes longer than a second says for how long, and is told once", async () => {
  const { container, rerender } = render(<Button busy={false}>Countersign</Button>);
  expect(screen.getByRole<HTMLButtonElement>("button").disabled).toBe(false);
  rerender(<Button busy>Countersign</Button>);
  expect(screen.getByRole<HTMLButtonElement>("button").disabled).toBe(true);
  pass(900);
  expect(screen.queryByTestId("going")).toBeNull();
  expect(screen.getByRole("status").textContent).toBe("");
  pass(200);
  expect(screen.getByTestId("going").textContent).toBe("1 s");
  expect(screen.getByRole("status").textContent).toBe("Still going.");
  pass(3000);
  expect(screen.getByTestId("going").textContent).toBe("4 s");
  // Its name is what it does, however long it takes.
  screen.getByRole("button", { name: "Countersign" });
  rerender(<Button busy={false}>Countersign</Button>);
  expect(screen.queryByTestId("going")).toBeNull();
  expect(screen.getByRole("status").textContent).toBe("");
  vi.useRealTimers();
  expect((await axe.run(container)).violations).toEqual([]);
});
