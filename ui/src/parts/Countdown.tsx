import { useEffect, useRef, useState } from "react";
import { useServerSeconds } from "../backend/clock";
import "./countdown.css";
import { countdown } from "./format";
import { words } from "./words";

export type Urgency = "calm" | "soon" | "last";

export function urgencyOf(left: number): Urgency {
  if (left < 60) return "last";
  return left <= 300 ? "soon" : "calm";
}

/** The minute to speak of when the time left goes from `before` to `now`, if one was passed. */
export function minuteToSpeak(before: number, now: number): number | null {
  return [1, 5, 10].find((minute) => before > minute * 60 && now <= minute * 60) ?? null;
}

interface Props {
  endsAt: number;
  /** Reads the minutes aloud, and of what where the window shows several. */
  speak?: boolean | string;
}

/** Time left by the server's clock. */
export function Countdown({ endsAt, speak = false }: Props) {
  const left = Math.max(0, endsAt - useServerSeconds());
  const before = useRef(left);
  const [said, setSaid] = useState({ minute: 0, text: "" });
  useEffect(() => {
    const minute = minuteToSpeak(before.current, left);
    before.current = left;
    if (minute) setSaid({ minute, text: words.countdown.minutesLeft(minute, typeof speak === "string" ? speak : "") });
  }, [left]);
  return (
    <>
      <span role="timer" aria-live="off" className={`countdown ${urgencyOf(left)}`} data-testid="countdown">
        {countdown(left)}
      </span>
      {speak ? (
        <span className="unseen" aria-live={said.minute === 1 ? "assertive" : "polite"}>
          {said.text}
        </span>
      ) : null}
    </>
  );
}
