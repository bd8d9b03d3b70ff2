import { CopyIcon } from "@phosphor-icons/react";
import { useState } from "react";
import { Button } from "./Button";
import { words } from "./words";

interface Props {
  /** What is copied, at the moment of the press. */
  text: () => string;
  look?: "plain" | "quiet";
  size?: "sm" | "md";
  icon?: boolean;
  "data-testid"?: string;
  children: string;
}

/** Copies, and says that it did; where the system does not let it, that. */
export function CopyButton({ text, look, size = "sm", icon = true, children, ...rest }: Props) {
  const [said, say] = useState("");
  const copy = () =>
    (navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error("no clipboard"))).then(
      () => say(words.fault.copied),
      () => say(words.fault.notCopied),
    );
  return (
    <Button
      look={look}
      size={size}
      icon={icon ? <CopyIcon size={14} /> : undefined}
      onPress={() => void copy()}
      data-testid={rest["data-testid"]}
    >
      {said || children}
    </Button>
  );
}
