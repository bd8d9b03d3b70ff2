import { expect, test } from "vitest";
import { against } from "./lines";

const differing = (text: string, other: string) => against(text, other).flatMap((line) => (line.differs ? [line.text] : []));

test("a line differs when the other text has it less often", () => {
  expect(differing("a\nb\nc", "c\na\nb")).toEqual([]);
  expect(differing("a\nb2\nc", "a\nb\nc")).toEqual(["b2"]);
  expect(differing("a\na\nb", "a\nb")).toEqual(["a"]);
  expect(differing("", "a")).toEqual([""]);
});
