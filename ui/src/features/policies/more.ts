import type { AllowsMoreView } from "../../generated/bindings";
import { exactly } from "../../parts/format";
import { words } from "../../parts/words";

const say = words.policy.more;

/** Whether it is allowed more for certain; what rests on rules is not known to be nothing more. */
export function isKnown({ kind }: AllowsMoreView): boolean {
  switch (kind) {
    case "offer":
    case "wait-to-ask":
    case "wait-to-countersign":
    case "recordings":
    case "lets-in":
      return true;
    case "organization":
    case "time-zone":
    case "permits":
    case "stood-in-the-way":
    case "not-compared":
      return false;
  }
}

const after = (seconds: number) => (seconds === 0 ? say.atOnce : say.after(exactly(seconds)));

function terms({ old, new: now }: AllowsMoreView & { kind: "offer" }): string {
  const [longest, people] = [exactly(now.maxDurationSeconds), say.countersigners(now.countersigners)];
  if (!old) return say.anew(longest, people);
  const changes = [
    now.maxDurationSeconds === old.maxDurationSeconds ? [] : say.longest(longest, exactly(old.maxDurationSeconds)),
    now.countersigners === old.countersigners ? [] : say.people(people, old.countersigners),
  ];
  return changes.flat().join(say.and);
}

/** One thing that is allowed more, or may be. */
export function sentence(one: AllowsMoreView): string {
  switch (one.kind) {
    case "offer": {
      const said = say.opens(words.reason[one.reason] ?? one.reason, words.scope[one.scope] ?? one.scope, terms(one));
      return one.when === null ? said : say.hours(one.when, said);
    }
    case "wait-to-ask":
      return say.ask(after(one.newSeconds), after(one.oldSeconds));
    case "wait-to-countersign":
      return say.countersign(after(one.newSeconds), after(one.oldSeconds));
    case "recordings":
      return say.recordings(one.newDays, one.oldDays);
    case "lets-in":
      return say.letsIn(one.organization, one.who.join(", "));
    case "organization":
      return say.organization(one.organization);
    case "time-zone":
      return say.timeZone(one.new, one.old);
    case "permits":
      return say.permits(one.rule, one.sentence);
    case "stood-in-the-way":
      return say.stoodInTheWay(one.rule, one.sentence);
    case "not-compared":
      return say.notCompared;
  }
}
