import { expect, test } from "vitest";
import type { SessionView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { completionsOf, typedOf } from "./completions";
import { askedOf, linkOf, looksThrough, nothingWanted, wantedOf } from "./filter";
import { lastOf } from "./spans";
import { type Key, keys, type Token, tokenOf, withToken } from "./tokens";
import { countSaid } from "./useCounts";
import { joined } from "./usePages";

const among = {
  organizations: [
    { id: "kinloch-hotels", name: "Kinloch Hotels" },
    { id: "kinross-bank", name: "Kinross Bank" },
  ],
  people: ["Rui Tanaka"],
};
const session = (change: Partial<SessionView> = {}): SessionView => ({
  id: "S-1",
  organization: { id: "kinloch-hotels", name: "Kinloch Hotels" },
  name: "Rui Tanaka",
  approvers: [],
  scope: "read",
  reason: "maintenance",
  ticket: "KP-48213",
  openedAt: 1000,
  endsAt: 9000,
  endedAt: 1000 + 600,
  endedBy: null,
  exchanges: 1,
  writes: 0,
  refused: 0,
  activity: "v",
  due: false,
  review: "",
  findings: { stop: 0, look: 1, note: 0 },
  ...change,
});
const token = (key: Key, written: string): Token => {
  const made = tokenOf(key, written, among);
  if ("wrong" in made) throw new Error(made.wrong);
  return made;
};

test.each([
  ["organization", "Kinloch Hotels", "is", "kinloch-hotels"],
  ["organization", "!kinl", "not", "kinloch-hotels"],
  ["reason", "legal-disclosure", "is", "legal-disclosure"],
  ["scope", "Read & write", "is", "read-write"],
  ["length", "5", "least", "5"],
  ["length", "<30", "most", "30"],
  ["when", "2026-11-24..2026-11-25", "is", "2026-11-24..2026-11-25"],
  ["finding", "none", "is", "none"],
] as [Key, string, string, string][])("%s:%s is read", (key, written, op, value) => {
  expect(tokenOf(key, written, among)).toEqual({ key, op, value });
});

test.each([
  ["organization", "", words.sessions.wrong.empty("org")],
  ["organization", "kin", words.sessions.wrong.value("org", "kin")],
  ["organization", "nobody", words.sessions.wrong.value("org", "nobody")],
  ["scope", ">read", words.sessions.wrong.op("scope")],
  ["length", "soon", words.sessions.wrong.length],
  ["length", "!5", words.sessions.wrong.length],
  ["when", "2026-02-30", words.sessions.wrong.when],
  ["when", "2026-11-25..2026-11-24", words.sessions.wrong.when],
  ["when", "!7d", words.sessions.wrong.when],
] as [Key, string, string][])("%s:%s is no filter, and why is said", (key, written, why) => {
  expect(tokenOf(key, written, among)).toEqual({ wrong: why });
});

test("a filter goes into a link and comes out of it, and what is not one of its words stays out", () => {
  const query =
    "view=review&order=findings&text=kp&organization=kinloch-hotels&reason=!maintenance&length=>5&length=<30&finding=stop&finding=look";
  const wanted = wantedOf(new URLSearchParams(query));
  expect(wanted.tokens).toHaveLength(6);
  expect(wantedOf(new URLSearchParams(linkOf("S-1", wanted).split("?")[1]))).toEqual(wanted);
  const none = "view=x&order=cheapest&scope=everything&organization=<script>&length=soon&colour=red&when=!7d&__proto__=1";
  expect(wantedOf(new URLSearchParams(none))).toEqual(nothingWanted);
});

test("the service is asked for all of it, and only a text is looked for in one part after the other", () => {
  const wanted = { ...nothingWanted, tokens: [token("organization", "kinloch-hotels"), token("scope", "read"), token("when", "1d")] };
  expect(askedOf(wanted, 600_030)).toEqual({
    organization: "kinloch-hotels",
    person: null,
    scope: "read",
    from: 600_000 - 86_400,
    to: null,
    tokens: [],
    text: "",
    order: "newest",
    cursor: null,
  });
  const more = [token("organization", "!kinloch-hotels"), token("person", "rui"), token("length", "5"), token("review", "open")];
  const asked = askedOf({ ...wanted, order: "longest", text: " x ", tokens: [...wanted.tokens, ...more] }, 0);
  expect([asked.tokens, asked.text, asked.order]).toEqual([
    ["organization:!kinloch-hotels", "person:rui", "length:>5", "review:open"],
    "x",
    "longest",
  ]);
  expect(looksThrough({ ...wanted, view: "findings", tokens: more })).toBe(false);
  expect(looksThrough({ ...wanted, text: "x" })).toBe(true);
});

test("of one key with one value there is one token, and those that are not meant stand beside it", () => {
  const one = withToken([token("scope", "read")], token("scope", "administer"));
  expect(one).toEqual([token("scope", "administer")]);
  expect(withToken(one, token("scope", "!read"))).toHaveLength(2);
});

test("a view stands for tokens, and what is asked for beside it narrows it", () => {
  const now = 8 * 86_400;
  const asked = askedOf({ ...nothingWanted, view: "writes", tokens: [token("finding", "stop")] }, now);
  expect([asked.from, asked.tokens]).toEqual([now - 7 * 86_400, ["changes:yes", "finding:stop"]]);
  expect(askedOf({ ...nothingWanted, view: "writes", tokens: [token("when", "1d")] }, now).from).toBe(now - 86_400);
  expect(askedOf({ ...nothingWanted, view: "review" }, now).tokens).toEqual(["review:due"]);
});

test.each([
  [{ sessions: 999, more: false }, "999"],
  [{ sessions: 10_000, more: false }, "10,000"],
  [{ sessions: 10_000, more: true }, "10,000+"],
  [{ sessions: 104_213, more: false }, "about 104,000"],
  [{ sessions: 1_048_213, more: false }, "about 1.05 million"],
])("a count is said as far as it is known", (count, said) => {
  expect(countSaid(count)).toBe(said);
});

test("a day is a day of this computer's time", () => {
  const { from = 0, to } = lastOf("2026-11-24", 0) ?? {};
  expect(new Date(from * 1000).getHours()).toBe(0);
  expect((to ?? 0) - from).toBe(86_400);
});

test("what is typed is words and then a token, and what can follow is offered", () => {
  expect(typedOf("rui org:kin")).toEqual({ text: "rui", partial: { key: "organization", name: "org", written: "kin" } });
  expect(typedOf("kinloch")).toEqual({ text: "kinloch", partial: null });
  expect(completionsOf("rui org:kin", among, false).map((one) => one.token)).toEqual([
    { key: "organization", written: "kinloch-hotels" },
    { key: "organization", written: "kinross-bank" },
  ]);
  expect(completionsOf("rui re", among, false).map((one) => one.types)).toEqual(["rui reason:", "rui review:"]);
  expect(completionsOf("", among, false)).toEqual([]);
  expect(completionsOf("", among, true)).toHaveLength(keys.length);
});

test("a session that opens pushes none out of the list", () => {
  const of = (...ids: number[]) => ids.map((at) => session({ id: `S-${at}`, openedAt: at }));
  const before = of(9, 8, 7, 6, 5, 4);
  expect(joined(of(11, 10, 9), before).map((one) => one.openedAt)).toEqual([11, 10, 9, 8, 7, 6, 5, 4]);
  expect(joined(of(9, 8), []).map((one) => one.openedAt)).toEqual([9, 8]);
  // What fits the filter no longer goes; what was loaded behind it stays.
  expect(joined(of(9, 7), of(9, 8, 7, 6)).map((one) => one.openedAt)).toEqual([9, 7, 6]);
  // Another gateway's clock may be ahead.
  expect(joined(of(9, 7), of(9, 7, 8, 6)).map((one) => one.openedAt)).toEqual([9, 7, 8, 6]);
});
