import { Switch } from "react-aria-components";
import { prefer, usePreferences } from "../../parts/preferences";
import { Shortcuts } from "../../parts/Shortcuts";
import { words } from "../../parts/words";
import { Row } from "./Row";

const say = words.settings;

/** Single keys on or off, and the list of all keys. */
export function Keyboard() {
  const { singleKeys } = usePreferences();
  return (
    <Row id="keyboard" label={say.keyboard} note={say.here}>
      <Switch className="switch" isSelected={singleKeys} onChange={(on) => prefer({ singleKeys: on })} data-testid="single-keys">
        <span className="knob" aria-hidden="true" />
        {say.singleKeys}
      </Switch>
      <p className="s12 t2">{say.singleKeysNote}</p>
      <Shortcuts />
    </Row>
  );
}
