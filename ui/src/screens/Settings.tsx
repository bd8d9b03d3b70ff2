import { useEffect } from "react";
import { useAction, useBackend } from "../backend/context";
import { useAppState } from "../backend/state";
import { Appearance } from "../features/settings/Appearance";
import { Keyboard } from "../features/settings/Keyboard";
import { Notifications } from "../features/settings/Notifications";
import { OwnComputers } from "../features/settings/OwnComputers";
import { Row } from "../features/settings/Row";
import { ThisComputer } from "../features/settings/ThisComputer";
import { Codes } from "../features/shell/Codes";
import { SignOut } from "../features/shell/SignOut";
import { showTheme, themeShown } from "../features/shell/theme";
import { Time } from "../parts/Time";
import { words } from "../parts/words";

const say = words.settings;

function OwnCodes() {
  const { factor } = useAppState();
  return (
    <Row id="codes" label={say.codes}>
      <p className="t2">
        {factor ? (
          <>
            <Time at={factor.since} as="day" say={say.since} /> {words.ownCodes.left(factor.recoveryCodesLeft)}
          </>
        ) : (
          say.codesUnknown
        )}
      </p>
      <Codes />
    </Row>
  );
}

/** What a person may change for themselves. Nothing here turns recording or the second signature off. */
export function Settings({ part }: { part: string }) {
  const backend = useBackend();
  const { fault, run } = useAction();
  useEffect(() => {
    const named = part ? document.getElementById(`settings-${part}`) : null;
    const pane = named?.closest(".settings");
    // The pane alone: what stands around it stays where it is.
    if (named && pane) pane.scrollTop += named.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  }, [part]);
  return (
    <>
      <header className="head rule">
        <h1>{say.title}</h1>
      </header>
      <div className="settings grow scroll" data-pane="settings">
        <ThisComputer>
          <SignOut />
        </ThisComputer>
        <OwnComputers />
        <OwnCodes />
        <Appearance
          theme={themeShown()}
          fault={fault}
          onTheme={(theme) => {
            showTheme(theme);
            void run(() => backend.setTheme(theme));
          }}
        />
        <Notifications />
        <Keyboard />
      </div>
    </>
  );
}
