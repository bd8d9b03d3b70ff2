import { type DragEvent, useRef, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useAction, useBackend } from "../../backend/context";
import { Button } from "../../parts/Button";
import { FaultNote } from "../../parts/FaultNote";
import { words } from "../../parts/words";

/** Takes the join file: dropped, chosen, or its text pasted. */
export function Join({ changed }: { changed: () => void }) {
  const backend = useBackend();
  const { busy, fault, run } = useAction();
  const [text, setText] = useState("");
  const [over, setOver] = useState(false);
  const [empty, setEmpty] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const take = async (file: File | undefined) => file && setText(await file.text());
  const join = async () => {
    setEmpty(!text.trim());
    if (!text.trim()) return field.current?.focus();
    if ((await run(() => backend.join(text).then(() => true))) !== null) changed();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={over ? "join over" : "join"}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
    >
      <label className="lbl" htmlFor="join-text">
        {words.signIn.joinLabel}
      </label>
      <textarea
        id="join-text"
        ref={field}
        data-testid="join-text"
        className="fld mono"
        rows={3}
        spellCheck={false}
        value={text}
        aria-invalid={empty && !text.trim() ? true : undefined}
        aria-describedby={empty && !text.trim() ? "join-empty" : undefined}
        onChange={(event) => setText(event.target.value)}
      />
      {empty && !text.trim() ? (
        <div id="join-empty" className="red s12" role="alert">
          {words.signIn.joinEmpty}
        </div>
      ) : null}
      <div className="row gap-2">
        <Button look="primary" onPress={join} busy={busy} data-testid="join">
          {words.signIn.join}
        </Button>
        <FileTrigger acceptedFileTypes={[".json", "application/json"]} onSelect={(files) => void take(files?.[0])}>
          <Button look="quiet">{words.signIn.joinChoose}</Button>
        </FileTrigger>
      </div>
      <FaultNote fault={fault} />
    </div>
  );
}
