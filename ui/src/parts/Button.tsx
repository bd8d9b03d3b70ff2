import { type ReactNode, useId } from "react";
import { Button as AriaButton, type ButtonProps, Tooltip, TooltipTrigger } from "react-aria-components";
import { usePreferences } from "./preferences";

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
  /** The key that does the same. */
  shortcut?: string;
  className?: string;
  "data-testid"?: string;
  children?: ReactNode;
}

export function Button({ look = "plain", size = "md", label, icon, shortcut: keys, className = "", why, children, ...rest }: Props) {
  const whyId = useId();
  const { singleKeys } = usePreferences();
  const shortcut = keys && (singleKeys || !/^[A-Z]$/.test(keys)) ? keys : undefined;
  const classes = ["btn", looks[look], size === "md" ? "" : size, children ? "" : "ic", className].filter(Boolean).join(" ");
  const button = (
    <AriaButton
      {...rest}
      isDisabled={rest.isDisabled || why !== undefined}
      aria-describedby={why ? whyId : rest["aria-describedby"]}
      aria-label={children ? rest["aria-label"] : label}
      className={classes}
    >
      {icon}
      {children}
      {shortcut && children ? <kbd aria-hidden="true">{shortcut}</kbd> : null}
    </AriaButton>
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
  if (children || !label) return button;
  return (
    <TooltipTrigger delay={400}>
      {button}
      <Tooltip className="tip">
        {label} {shortcut ? <kbd>{shortcut}</kbd> : null}
      </Tooltip>
    </TooltipTrigger>
  );
}
