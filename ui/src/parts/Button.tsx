import { HourglassMediumIcon } from "@phosphor-icons/react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { Button as AriaButton, type ButtonProps, Tooltip, TooltipTrigger } from "react-aria-components";
import { usePreferences } from "./preferences";
import { words } from "./words";

type Look = "plain" | "primary" | "seal" | "danger" | "stop" | "quiet";
const looks: Record<Look, string> = { plain: "", primary: "p", seal: "g", danger: "d", stop: "dd", quiet: "q" };

interface Props extends Omit<ButtonProps, "className" | "children"> {
  look?: Look;
  size?: "sm" | "md" | "lg";
  /** Only an icon: `label` becomes its name and its tooltip. */
  label?: string;
  icon?: ReactNode;
  /** Why it cannot be pressed now: in its tooltip and its description. */
  why?: string;
  /** What it began is under way: it cannot be pressed again, and after a second it says for how long. */
  busy?: boolean;
  /** The key that does the same. */
  shortcut?: string;
  className?: string;
  "data-testid"?: string;
  children?: ReactNode;
}

/** For how many seconds it is under way; 0 before the first is over, so that what is quick says nothing. */
function useSecondsOf(busy: boolean): number {
  const [seconds, set] = useState(0);
  useEffect(() => {
    if (!busy) return;
    const began = Date.now();
    const timer = setInterval(() => set(Math.max(1, Math.round((Date.now() - began) / 1000))), 1000);
    return () => {
      clearInterval(timer);
      set(0);
    };
  }, [busy]);
  return seconds;
}

/** How long it has taken, for the eye: whoever hears the page is told once. */
function Going({ seconds }: { seconds: number }) {
  return (
    <span className="going num" aria-hidden="true" data-testid="going">
      {words.time.seconds(seconds)}
    </span>
  );
}

export function Button({ look = "plain", size = "md", label, icon, shortcut: keys, className = "", why, busy, children, ...rest }: Props) {
  const whyId = useId();
  const seconds = useSecondsOf(busy === true);
  const { singleKeys } = usePreferences();
  const shortcut = keys && (singleKeys || !/^[A-Z]$/.test(keys)) ? keys : undefined;
  const classes = ["btn", looks[look], size === "md" ? "" : size, children ? "" : "ic", className].filter(Boolean).join(" ");
  const button = (
    <AriaButton
      {...rest}
      isDisabled={rest.isDisabled || busy || why !== undefined}
      aria-describedby={why ? whyId : rest["aria-describedby"]}
      aria-label={children ? rest["aria-label"] : label}
      className={classes}
    >
      {seconds > 0 ? <HourglassMediumIcon size={16} /> : icon}
      {children}
      {seconds > 0 && children ? <Going seconds={seconds} /> : shortcut && children ? <kbd aria-hidden="true">{shortcut}</kbd> : null}
    </AriaButton>
  );
  const told =
    busy === undefined ? null : (
      <span className="unseen" role="status">
        {seconds > 0 ? words.going : ""}
      </span>
    );
  if (why)
    return (
      <span className="explained" title={why}>
        {button}
        <span id={whyId} className="unseen">
          {why}
        </span>
      </span>
    );
  if (children || !label)
    return (
      <>
        {button}
        {told}
      </>
    );
  return (
    <TooltipTrigger delay={400}>
      {button}
      <Tooltip className="tip">
        {label} {shortcut ? <kbd>{shortcut}</kbd> : null}
      </Tooltip>
    </TooltipTrigger>
  );
}
