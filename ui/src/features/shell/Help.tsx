import { Dialog } from "../../parts/Dialog";
import { Button } from "../../parts/Button";
import { Shortcuts } from "../../parts/Shortcuts";
import { words } from "../../parts/words";

const say = words.help;

/** The keys, what the watermark can and cannot do, and whom to ask. */
export function Help({ open, operator, onClose }: { open: boolean; operator: string; onClose: () => void }) {
  return (
    <Dialog title={say.title} open={open} onClose={onClose} wide>
      <Shortcuts />
      <p className="s12 t2">{say.watermark}</p>
      <p className="s12 t2">{say.whom(operator)}</p>
      <div className="dialog-actions">
        <Button autoFocus onPress={onClose} data-testid="close-help">
          {say.close}
        </Button>
      </div>
    </Dialog>
  );
}
