import { useState } from "react";
import type { Theme, UiError } from "../../generated/bindings";
import { FaultNote } from "../../parts/FaultNote";
import { densities, prefer, textSizes, usePreferences } from "../../parts/preferences";
import { Segments } from "../../parts/Segments";
import { words } from "../../parts/words";
import { Row } from "./Row";

const say = words.settings;

interface Props {
  /** What the windows show now. */
  theme: Theme;
  fault: UiError | null;
  onTheme: (theme: Theme) => void;
}

/** Theme, text size and density. */
export function Appearance({ theme, fault, onTheme }: Props) {
  const { textSize, density } = usePreferences();
  const [chosen, choose] = useState(theme);
  return (
    <Row id="appearance" label={say.appearance} note={say.here}>
      <div className="set-pair">
        <span className="lbl">{say.theme}</span>
        <Segments
          label={say.theme}
          value={chosen}
          choices={(["system", "light", "dark"] as const).map((one) => [one, say.themes[one]])}
          onChange={(next) => {
            choose(next);
            onTheme(next);
          }}
          testid="theme"
        />
      </div>
      <FaultNote fault={fault} />
      <div className="set-pair">
        <span className="lbl">{say.textSize}</span>
        <Segments
          label={say.textSize}
          value={String(textSize)}
          choices={textSizes.map((one) => [String(one), say.textSizes[String(one)] ?? String(one)])}
          onChange={(next) => prefer({ textSize: textSizes.find((one) => String(one) === next) ?? 1 })}
          testid="text-size"
        />
      </div>
      <div className="set-pair">
        <span className="lbl">{say.density}</span>
        <Segments
          label={say.density}
          value={density}
          choices={densities.map((one) => [one, say.densities[one]])}
          onChange={(next) => prefer({ density: next })}
          testid="density"
        />
      </div>
    </Row>
  );
}
