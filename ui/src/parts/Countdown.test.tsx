import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClockOffset } from "../backend/clock";
import { Countdown, minuteToSpeak, urgencyOf } from "./Countdown";

beforeEach(() => vi.useFakeTimers({ now: 1_000_000_000_000 }));
afterEach(() => vi.useRealTimers());

test("time left is told by the server's clock, not by this computer's", () => {
  render(
    <ClockOffset value={120_000}>
      <Countdown endsAt={1_000_000_000 + 420} />
    </ClockOffset>,
  );
  const timer = screen.getByRole("timer");
  expect(timer.textContent).toBe("5:00");
  act(() => vi.advanceTimersByTime(1000));
  expect(timer.textContent).toBe("4:59");
  expect(timer.getAttribute("aria-live")).toBe("off");
});

test("ink until five minutes, amber below, red in the last", () => {
  expect([301, 300, 60, 59].map(urgencyOf)).toEqual(["calm", "soon", "soon", "last"]);
});

test("ten, five and one minute are spoken once each", () => {
  expect(minuteToSpeak(601, 600)).toBe(10);
  expect(minuteToSpeak(600, 599)).toBeNull();
  expect(minuteToSpeak(301, 299)).toBe(5);
  expect(minuteToSpeak(700, 50)).toBe(1);
  render(<Countdown endsAt={1_000_000_000 + 301} speak />);
  act(() => vi.advanceTimersByTime(2000));
  expect(screen.getByText("5 minutes left")).toBeTruthy();
  render(<Countdown endsAt={1_000_000_000 + 303} speak="Delmar Foods" />);
  act(() => vi.advanceTimersByTime(2000));
  expect(screen.getByText("5 minutes left in Delmar Foods").getAttribute("aria-live")).toBe("polite");
});
