import { SidebarSimpleIcon, XIcon } from "@phosphor-icons/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "./Button";
import "./narrow.css";
import type { PaneName } from "./preferences";
import { Splitter } from "./Splitter";
import { words } from "./words";

const ROOM = 1120;

function useRoom(): boolean {
  const [room, setRoom] = useState(() => window.innerWidth >= ROOM);
  useEffect(() => {
    const measure = () => setRoom(window.innerWidth >= ROOM);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return room;
}

interface Props {
  open: boolean;
  onOpen: (open: boolean) => void;
  label: string;
  /** Its width can be moved where there is room. */
  splitter?: PaneName;
  children: ReactNode;
}

/** A side pane where there is room for it; a layer that Space opens and Escape closes where there is not. */
export function Narrow({ open, onOpen, label, splitter, children }: Props) {
  const room = useRoom();
  const layer = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  const shown = !room && open;
  useEffect(() => {
    if (!shown) return;
    before.current = document.activeElement;
    layer.current?.focus();
    return () => {
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
    };
  }, [shown]);
  if (room)
    return (
      <>
        {splitter ? <Splitter pane={splitter} label={label} /> : null}
        {children}
      </>
    );
  if (!open)
    return (
      <div className="narrow-open">
        <Button
          label={label}
          shortcut="Space"
          icon={<SidebarSimpleIcon size={16} mirrored />}
          onPress={() => onOpen(true)}
          data-testid="peek-open"
        />
      </div>
    );
  return (
    <div
      ref={layer}
      className="narrow-layer"
      role="region"
      aria-label={label}
      tabIndex={-1}
      data-pane="layer"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onOpen(false);
      }}
    >
      <div className="narrow-close">
        <Button
          look="quiet"
          size="sm"
          label={words.close}
          shortcut="Esc"
          icon={<XIcon size={16} />}
          onPress={() => onOpen(false)}
          data-testid="peek-close"
        />
      </div>
      {children}
    </div>
  );
}
