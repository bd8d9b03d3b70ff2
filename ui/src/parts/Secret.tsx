import { CopyIcon } from "@phosphor-icons/react";
import { useState } from "react";
import type { SecondFactorView } from "../generated/bindings";
import { Button } from "./Button";
import "./secret.css";
import { words } from "./words";

/** A second factor's secret, for the phone: as a QR code and as text. */
export function Secret({ shown }: { shown: SecondFactorView }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(shown.secret.replaceAll(" ", "")).then(() => setCopied(true));
  return (
    <div className="secret">
      <img className="qr" width={176} height={176} alt={words.codes.qr} src={`data:image/svg+xml,${encodeURIComponent(shown.qrSvg)}`} />
      <div>
        <div className="s12 t3">{words.codes.typeKey}</div>
        <div className="mono key" data-testid="totp-secret">
          {shown.secret}
        </div>
        <Button size="sm" icon={<CopyIcon size={14} />} onPress={copy}>
          {copied ? words.codes.copied : words.codes.copyKey}
        </Button>
        <div className="s12 t3 once">{words.codes.once}</div>
      </div>
    </div>
  );
}
