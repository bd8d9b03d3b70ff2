import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import "./dialog.css";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  role?: "dialog" | "alertdialog";
  /** For what is read rather than answered. */
  wide?: boolean;
  children: ReactNode;
}

/** One question over the page. Escape and a press outside close it. */
export function Dialog({ title, open, onClose, role = "dialog", wide = false, children }: Props) {
  return (
    <ModalOverlay isOpen={open} onOpenChange={(is) => !is && onClose()} isDismissable className="scrim">
      <Modal className={wide ? "modal wide" : "modal"}>
        <AriaDialog role={role} className="dialog">
          <Heading slot="title" level={2} className="dialog-title">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
