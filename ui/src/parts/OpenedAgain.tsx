import { ArrowClockwiseIcon } from "@phosphor-icons/react";
import { useOpenedAgain } from "./again";
import { Button } from "./Button";
import "./notes.css";
import { words } from "./words";

/** Says that the page had stopped by itself. Nothing has to be done about it. */
export function OpenedAgain({ text }: { text: string }) {
  const [is, dismiss] = useOpenedAgain();
  return (
    <div role="status">
      {is ? (
        <div className="reopened" data-testid="opened-again">
          <ArrowClockwiseIcon size={16} aria-hidden="true" />
          <span className="grow">{text}</span>
          <Button size="sm" look="quiet" onPress={dismiss} data-testid="dismiss-again">
            {words.again.dismiss}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
