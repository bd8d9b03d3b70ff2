import { useAppState } from "../backend/state";
import { Join } from "../features/setup/Join";
import { SecondFactor } from "../features/setup/SecondFactor";
import { SignInCode } from "../features/setup/SignInCode";
import { SingleSignOn } from "../features/setup/SingleSignOn";
import { Step, type StepState } from "../features/setup/Step";
import { stepsDone } from "../features/setup/steps";
import "../features/setup/setup.css";
import type { AppState } from "../generated/bindings";
import { FaultNote } from "../parts/FaultNote";
import { Mark } from "../parts/Mark";
import { OpenedAgain } from "../parts/OpenedAgain";
import { RevokedKey } from "../parts/RevokedKey";
import { SplitSeal } from "../parts/Seal";
import { words } from "../parts/words";

const { signIn } = words;

function Server({ state }: { state: AppState }) {
  if (!state.operator) return signIn.joinHint;
  const key = state.logKey.split("+").slice(0, 2).join("+");
  return (
    <>
      {signIn.runBy(state.operator)}
      <br />
      <span className="t3">
        {signIn.logKey} <span className="mono">{key}</span> {signIn.remembered}
      </span>
    </>
  );
}

function Key({ state }: { state: AppState }) {
  if (!state.device || state.step === "sign-in" || state.step === "join") return signIn.keyHint;
  const { before, short, after } = signIn.keyMade(state.device.keyShort, state.device.keptIn);
  return (
    <>
      {before}
      <span className="mono">{short}</span>
      {after}
      {state.step === "wait-for-enrolment" ? (
        <>
          <br />
          {signIn.enrolHint}
        </>
      ) : null}
    </>
  );
}

function Steps({ state, changed }: { state: AppState; changed: () => void }) {
  const done = stepsDone(state.step);
  const at = (number: number): StepState => (number <= done ? "done" : number === done + 1 ? "current" : "future");
  const roles = (state.person?.roles ?? []).map((role) => words.role[role] ?? role).join(", ");
  return (
    <ol>
      <Step number={1} state={at(1)} title={signIn.server} note={<Server state={state} />}>
        <Join changed={changed} />
      </Step>
      <Step number={2} state={at(2)} title={signIn.sso} note={state.person ? signIn.signedIn(state.person.name, roles) : signIn.ssoHint}>
        <SingleSignOn />
      </Step>
      <Step number={3} state={at(3)} title={state.step === "wait-for-enrolment" ? signIn.enrol : signIn.key} note={<Key state={state} />}>
        <div className="step-body">
          <span className="keyshow" data-testid="device-key">
            {state.device?.keyShort}
          </span>
        </div>
      </Step>
      <Step
        number={4}
        state={state.step === "code" ? "current" : at(4)}
        title={state.step === "code" ? words.enterCode.title : signIn.codes}
        note={state.step === "code" ? words.enterCode.lead : signIn.codesHint}
      >
        <SignInCode changed={changed} />
      </Step>
    </ol>
  );
}

/** First run and sign-in: binds person, computer and log. */
export function SignIn({ changed }: { changed: () => void }) {
  const state = useAppState();
  if (state.step === "second-factor") return <SecondFactor changed={changed} />;
  const done = stepsDone(state.step);
  return (
    <div className="setup" data-testid={`step-${state.step}`}>
      <main className="setup-main">
        <OpenedAgain text={words.again.page} />
        <div className="setup-brand">
          <Mark size={30} />
          {words.product}
        </div>
        <h1 className="big">{signIn.headline}</h1>
        <p className="t2 setup-lead">{signIn.lead}</p>
        {state.step === "no-keyring" ? (
          <FaultNote
            again={changed}
            fault={{ code: "keyring", message: `${signIn.noKeyring}. ${signIn.noKeyringHint}`, next: state.status.keyring }}
          />
        ) : state.step === "key-revoked" && state.revoked ? (
          <RevokedKey revoked={state.revoked} />
        ) : (
          <>
            {state.revoked ? <RevokedKey revoked={state.revoked} again={changed} /> : null}
            <Steps state={state} changed={changed} />
          </>
        )}
      </main>
      <div className="setup-art">
        <SplitSeal seed={state.device?.key ?? state.logKey} done={done} of={4} />
        <p className="s12 t3">{signIn.halves}</p>
      </div>
    </div>
  );
}
