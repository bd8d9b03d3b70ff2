import { SealCheckIcon, WarningOctagonIcon } from "@phosphor-icons/react";
import { useMemo } from "react";
import type { SignatureView } from "../generated/bindings";
import { cutOf, edgeBytes, pathOf } from "./cut";
import "./indenture.css";
import { Time } from "./Time";
import { words } from "./words";

const WIDTH = 22;

function Check({ signature }: { signature: SignatureView }) {
  const fits = signature.check === "checks-out";
  const Icon = fits ? SealCheckIcon : WarningOctagonIcon;
  return (
    <span className={`row s11 medium gap-1 push ${fits ? "seal" : "red"}`}>
      <Icon size={14} />
      {fits ? words.indenture.checksOut : words.indenture.doesNotMatch}
    </span>
  );
}

function Signed({ signature, label, compact }: { signature: SignatureView; label: string; compact: boolean }) {
  return (
    <>
      <div className="row">
        <span className="lb">{label}</span>
        {compact && signature.check === "checks-out" ? null : <Check signature={signature} />}
      </div>
      <div className="sign nm">{signature.name}</div>
      {/* Names can be taken; everything is decided by this. */}
      <div className="mono s11 t2 pid">{signature.person}</div>
      <div className="s11 t3 ell">
        <Time at={signature.at} as="short" />, {words.indenture.key.toLowerCase()} <span className="mono">{signature.keyShort}</span>
      </div>
      {signature.comment && !compact ? <div className="s12 t2 ell">“{signature.comment}”</div> : null}
      {signature.refusal ? <div className="s12 red">{signature.refusal}</div> : null}
    </>
  );
}

function Cut({ id, height, joined }: { id: string; height: number; joined: boolean }) {
  const points = useMemo(() => cutOf(edgeBytes(id), joined ? WIDTH : WIDTH - 8, height), [id, height, joined]);
  const line = pathOf(points);
  return (
    <svg className="cut" viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`${line}L0 ${height}L0 0Z`} style={{ fill: "var(--raised)" }} />
      {joined ? <path d={`${line}L${WIDTH} ${height}L${WIDTH} 0Z`} style={{ fill: "var(--raised)" }} /> : null}
      <path d={`M0 .5H${WIDTH}M0 ${height - 0.5}H${WIDTH}`} className={joined ? "edge" : "edge left"} />
      <path d={line} className={joined ? "line joined" : "line"} />
      {joined ? null : <path d={pathOf(points, 7)} className="line open" />}
    </svg>
  );
}

interface Props {
  id: string;
  left: SignatureView;
  right: SignatureView[];
  /** The name that would stand on the right half. */
  viewer?: string;
  compact?: boolean;
}

/** The paper cut in two: the asker's half and the countersigner's. */
export function Indenture({ id, left, right, viewer, compact = false }: Props) {
  const first = right[0];
  const joined = first !== undefined && first.verdict !== "deny" && first.check === "checks-out";
  return (
    <div className={`ind${compact ? " compact" : ""}${joined ? " joined" : ""}`} data-testid="indenture">
      <div className="h a">
        <Signed signature={left} label={words.indenture.asked} compact={compact} />
      </div>
      <Cut id={id} height={compact ? 72 : 112} joined={joined} />
      <div className={`h b${first ? "" : " open"}`}>
        {first ? (
          right.map((signature) => (
            <div key={signature.person + signature.at} className="one">
              <Signed
                signature={signature}
                label={signature.verdict === "deny" ? words.indenture.denied : words.indenture.countersigned}
                compact={compact}
              />
            </div>
          ))
        ) : (
          <>
            <span className="lb">{words.indenture.countersigned}</span>
            <div className="sign nm t3">{viewer ?? words.indenture.nobody}</div>
            {viewer && !compact ? <div className="s12 t2">{words.indenture.promise}</div> : null}
          </>
        )}
      </div>
    </div>
  );
}
