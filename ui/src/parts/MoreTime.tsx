import { useRef, useState } from "react";
import type { AppState, DoorView } from "../generated/bindings";
import { Extend } from "./Extend";
import "./moretime.css";
import { type Told, More } from "./More";
import { roomOf } from "./offers";

interface Props {
  /** Nothing where the Session is not open in this app: nothing can be asked for there. */
  door: DoorView | null;
  policy: AppState["policy"] | null;
  asking: boolean;
  /** What was asked for and is to be told of. */
  asked: Told[];
  onClose: () => void;
}

const keyOf = ({ more }: Told) => `${more.request} ${more.state}`;

/** More time in a Session: the question, and what became of what was asked for. In its bar and in its row of Access alike. */
export function MoreTime({ door, policy, asking, asked, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [read, setRead] = useState<string[]>([]);
  // Whoever asked stays where the answer is told; whoever did not comes back to where they were.
  const stay = () => box.current?.focus();
  const leave = (from: Element | null) => {
    if (from instanceof HTMLElement && from !== document.body && from.isConnected) from.focus();
    else stay();
    onClose();
  };
  return (
    <div ref={box} className="more-time" tabIndex={-1}>
      {asking && door && policy ? (
        <Extend
          door={door}
          room={roomOf(door, policy)}
          onSent={() => {
            stay();
            onClose();
          }}
          onClose={leave}
        />
      ) : null}
      {asked
        .filter((one) => !read.includes(keyOf(one)))
        .map((one) => (
          <More
            key={one.more.request}
            {...one}
            onWithdraw={
              one.onWithdraw &&
              (() => {
                stay();
                one.onWithdraw?.();
              })
            }
            onDismiss={() => {
              stay();
              setRead([...read, keyOf(one)]);
            }}
          />
        ))}
    </div>
  );
}
