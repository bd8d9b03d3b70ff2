import type { SecondFactorView } from "../generated/bindings";
import { CopyButton } from "./CopyButton";
import "./secret.css";
import { words } from "./words";

/** A second factor's secret, for the phone: as a QR code and as text. */
export function Secret({ shown }: { shown: SecondFactorView }) {
  return (
    <div className="secret">
      <img className="qr" width={176} height={176} alt={words.codes.qr} src={`data:image/svg+xml,${encodeURIComponent(shown.qrSvg)}`} />
      <div>
        <div className="s12 t3">{words.codes.typeKey}</div>
        <div className="mono key" data-testid="totp-secret">
          {shown.secret}
        </div>
        <CopyButton text={() => shown.secret.replaceAll(" ", "")}>{words.codes.copyKey}</CopyButton>
        <div className="s12 t3 once">{words.codes.once}</div>
      </div>
    </div>
  );
}
