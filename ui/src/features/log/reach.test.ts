import { expect, test } from "vitest";
import type { LogView, WitnessView } from "../../generated/bindings";
import { reach } from "./reach";

const witness = (size: number, pinned = true): WitnessView => ({
  kind: "outside",
  name: "witness.test",
  keyShort: "",
  size,
  at: size > 0 ? 1 : null,
  pinned,
  trouble: "",
});
const log = (size: number, witnesses: WitnessView[]): LogView => ({
  verdict: "intact",
  size,
  root: "",
  words: [],
  checkedAt: 1,
  detail: "",
  checkpoints: [],
  contradiction: null,
  witnesses,
});

test("only what another witness confirmed counts as seen by another", () => {
  expect(reach(log(100, []))).toEqual({ size: 0, witnesses: 0, unseen: 100 });
  expect(reach(log(100, [witness(0)]))).toEqual({ size: 0, witnesses: 0, unseen: 100 });
  expect(reach(log(100, [witness(40), witness(88)]))).toEqual({ size: 88, witnesses: 2, unseen: 12 });
  expect(reach(log(100, [witness(40), witness(100, false)]))).toEqual({ size: 40, witnesses: 1, unseen: 60 });
  expect(reach(log(100, [witness(104)]))).toEqual({ size: 100, witnesses: 1, unseen: 0 });
});
