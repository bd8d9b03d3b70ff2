import type { OriginalView, RevealView } from "../../generated/bindings";
import type { Backend } from "../backend";
import { hex, NOW, organization } from "./samples";
import type { World } from "./world";

type Revealing = Pick<Backend, "reveals" | "proposeReveal" | "countersignReveal" | "readMarks">;
const READABLE = 15 * 60;
const DAY = 24 * 3600;

/** Of nobody. */
export const originals: OriginalView[] = [
  { mark: "2c9e40aa51d7f803", rule: "account", value: "GB29 NWBK 6016 1331 9268 19" },
  { mark: "7f3a91c2d0b4e6f8", rule: "e-mail", value: "a.verhoeven@brightwater.example" },
  { mark: "b81d5530f4c2996e", rule: "date of birth", value: "1984-02-29" },
];

export const reveal = (over: Partial<RevealView> = {}): RevealView => ({
  id: hex(`reveal${over.session ?? ""}${over.by?.[0] ?? ""}${over.at ?? ""}`, 43),
  session: "S-90398",
  whose: "Joon-ho Park",
  organization: organization("brightwater-logistics"),
  marks: ["2c9e40aa51d7f803", "7f3a91c2d0b4e6f8"],
  by: ["Ines Carvalho"],
  justification: "The customer asks which account was changed on Tuesday and who was told.",
  at: NOW - 240,
  until: NOW - 240 + DAY,
  readableUntil: null,
  isOwn: false,
  maySign: false,
  ...over,
});

/** Marks that two people open, for one of them and for a while. */
export function revealing(
  world: World,
  failing: (call: string) => Promise<unknown>,
  checkCode: (code: string) => void,
  refuse: (code: string, message: string, next: string) => never,
  tell: () => void,
): Revealing {
  const find = (id: string) =>
    world.reveals.find((one) => one.id === id) ??
    refuse("no-such-reveal", "Nothing waits under this name for a second signature.", "Load the list again.");
  return {
    reveals: async () => (await failing("reveals"), structuredClone(world.reveals)),
    async proposeReveal(session, marks, justification, code) {
      await failing("proposeReveal");
      checkCode(code);
      const by = [world.state.person?.name ?? ""];
      const one = reveal({ session, marks: [...marks].sort(), justification, by, at: NOW, until: NOW + DAY, isOwn: true });
      world.reveals.unshift(one);
      tell();
      return one;
    },
    async countersignReveal(id, code) {
      await failing("countersignReveal");
      checkCode(code);
      const one = find(id);
      Object.assign(one, { by: [...one.by, world.state.person?.name ?? ""], readableUntil: NOW + READABLE, maySign: false });
      tell();
      return { ...one };
    },
    async readMarks(id) {
      await failing("readMarks");
      const { marks } = find(id);
      return originals.filter((one) => marks.includes(one.mark));
    },
  };
}
