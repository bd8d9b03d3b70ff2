import type { CheckpointView, ContradictionView } from "../../generated/bindings";
import { CopyButton } from "../../parts/CopyButton";
import { thousands } from "../../parts/format";
import { Seal } from "../../parts/Seal";
import { Time } from "../../parts/Time";
import { words } from "../../parts/words";

const say = words.log.seals;

function Side({ title, checkpoint, tone }: { title: string; checkpoint: CheckpointView | null; tone: "seal" | "red" }) {
  return (
    <figure className="side" data-testid={`seal-${tone}`}>
      <figcaption className="medium">{title}</figcaption>
      {checkpoint === null ? (
        <p className="t2 s12">{say.notSigned}</p>
      ) : (
        <>
          <Seal root={checkpoint.root} size={112} tone={tone} />
          <div className="s12">
            <div className="mono">{say.entries(thousands(checkpoint.size))}</div>
            <Time at={checkpoint.at} as="exact" />
          </div>
          <div className="words8 s12">
            {checkpoint.words.map((word, at) => (
              <span key={`${word}${at}`}>{word}</span>
            ))}
          </div>
          <div className="mono t2 s11 root">{checkpoint.root}</div>
        </>
      )}
    </figure>
  );
}

/** Two heads of one log that cannot both be true, side by side. */
export function TwoSeals({ kept, found }: { kept: CheckpointView | null; found: ContradictionView }) {
  return (
    <section data-testid="two-seals" aria-labelledby="two-seals">
      <h2 className="rem" id="two-seals">
        {say.title}
      </h2>
      <div className="seals">
        <Side title={say.kept} checkpoint={kept} tone="seal" />
        <Side title={say.shown} checkpoint={found.checkpoint} tone="red" />
      </div>
      <p className="t2 s12">{say.note}</p>
      <CopyButton text={() => `${found.kept}\n${found.shown}`} data-testid="copy-seals">
        {say.copy}
      </CopyButton>
    </section>
  );
}
