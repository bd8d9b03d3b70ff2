import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import type { ExchangeView } from "../../generated/bindings";
import { words } from "../../parts/words";
import { Difference } from "./Difference";
import { difference } from "./difference";

const exchange = (number: number, over: Partial<ExchangeView>): ExchangeView => ({
  number,
  atMs: number * 1000,
  method: "GET",
  path: "/o/kinloch/people/4",
  status: 200,
  bodyBytes: 1,
  tookMs: 1,
  write: false,
  refused: "",
  cut: "",
  contentType: "application/json",
  body: null,
  requestBody: null,
  socketMessages: 0,
  ...over,
});
const page = (number: number, body: string, over: Partial<ExchangeView> = {}) =>
  exchange(number, { body, contentType: "text/html; charset=utf-8", ...over });
const sent = (requestBody: string, over: Partial<ExchangeView> = {}) => exchange(9, { method: "POST", write: true, requestBody, ...over });
const between = (write: ExchangeView, ...before: ExchangeView[]) => {
  const found = difference(write, [...before, write]);
  if (found === null || found === "not-shown") return found;
  return found.fields.map(({ name, before, sent }) => `${name}: ${before} -> ${sent}`);
};

test("a document is held to the last answer at its address, value by value", () => {
  const older = exchange(1, { body: '{"pay": 1, "bank": {"iban": "A"}}' });
  const newer = exchange(2, { body: '{"pay": 2, "bank": {"iban": "A"}, "tags": ["x", "y"]}', path: "/o/kinloch/people/4?tab=bank" });
  const write = sent('{"pay": 3, "bank": {"iban": "B"}, "tags": ["x", "z"], "note": null}');
  expect(between(write, older, newer)).toEqual(["pay: 2 -> 3", "bank.iban: A -> B", "tags[1]: y -> z", "note: null -> null"]);
  expect(difference(write, [older, newer])).toMatchObject({
    shownAtMs: 2000,
    fields: [{}, {}, {}, { name: "note", before: null, sent: "null" }],
  });
});

test("only what replaces the whole leaves something out", () => {
  const before = exchange(1, { body: '{"pay": 1, "role": "clerk"}' });
  expect(between(sent('{"pay": 1}', { method: "PUT" }), before)).toEqual(["role: clerk -> null"]);
  expect(between(sent('{"pay": 1}', { method: "PATCH" }), before)).toEqual([]);
});

test("a form is held to the page that had it, whatever page that was", () => {
  const form = (fields: string, action = "/o/kinloch/people/4/bank") =>
    page(1, `<form action="${action}">${fields}</form>`, { path: "/o/kinloch/people/4?x=1" });
  const fields =
    '<input name="iban" value="A"><textarea name="note">old</textarea><select name="kind"><option value="s">S<option value="h" selected>H</select>' +
    '<input type="checkbox" name="active" checked><input type="checkbox" name="mail"><input name="off" value="1" disabled><button name="go" value="1">Save</button>';
  const write = sent("iban=B&note=new+line&kind=h&mail=on", { path: "/o/kinloch/people/4/bank" });
  const expected = ["iban: A -> B", "note: old -> new line", "mail: null -> on", "active: on -> null"];
  expect(between(write, form(fields))).toEqual(expected);
  expect(between(write, form(fields, "4/bank"))).toEqual(expected);
  expect(between(write, form(fields, "/o/kinloch/people/5/bank"))).toBe("not-shown");
  expect(between({ ...write, path: "/o/kinloch/people/4" }, form(fields, ""))).toEqual(expected);
  const search = '<form action="/o/kinloch/people/4/bank"><input name="q"></form>';
  expect(between(write, page(1, search + `<form action="/o/kinloch/people/4/bank">${fields}</form>`))).toEqual(expected);
});

test("a form's masked values are compared by their marks, which are not encoded", () => {
  const [old, now] = ["[masked account 7f3a91c2d0b4e6f8]", "[masked account 2c9e40aa51d7f803]"];
  const before = page(1, `<form><input type="hidden" name="csrf" value="[redacted]"><input name="account" value="${old}"></form>`);
  expect(between(sent(`csrf=[redacted]&account=${now}`), before)).toEqual([`account: ${old} -> ${now}`]);
  expect(between(sent("account=[left out: it cannot be masked]&x=1"), before)).toContain("x: null -> 1");
  expect(difference(sent("a sentence = no form"), [before])).toBeNull();
});

test("a masked value that was not changed is not called changed, though the page's and the form's were found by different rules", () => {
  const shown = (mark: string) => page(1, `<form><input name="account" value="${mark}"><input name="note" value="x"></form>`);
  const write = sent("account=[masked account 7f3a91c2d0b4e6f8]&note=y");
  expect(between(write, shown("[masked text 7f3a91c2d0b4e6f8]"))).toEqual(["note: x -> y"]);
  expect(between(write, shown("[masked text 2c9e40aa51d7f803]"))).toContain(
    "account: [masked text 2c9e40aa51d7f803] -> [masked account 7f3a91c2d0b4e6f8]",
  );
});

test("nothing is compared with what came later, was refused, or is of something else", () => {
  const write = sent('{"pay": 3}');
  expect(between(write)).toBe("not-shown");
  for (const over of [{ status: 403 }, { path: "/o/kinloch/people/5" }, { body: '{"other": 1}' }, { body: '{"pay": ' }, { method: "POST" }])
    expect(between(write, exchange(1, { body: '{"pay": 1}', ...over })), JSON.stringify(over)).toBe("not-shown");
  expect(difference(write, [write, exchange(10, { body: '{"pay": 1}' })])).toBe("not-shown");
});

test("what is no change, or cannot be read as fields, has no difference", () => {
  const before = exchange(1, { body: '{"pay": 1}' });
  for (const over of [{ write: false }, ...[null, "", "plain words", '"x"', "3", "a b=c"].map((requestBody) => ({ requestBody }))])
    expect(between(sent('{"pay": 3}', over), before), JSON.stringify(over)).toBeNull();
});

test("secrets are counted and never compared", () => {
  const before = page(1, '<form><input name="pin" value="[redacted]"><input name="a" value="1"></form>');
  expect(difference(sent("pin=[redacted]&a=1&token=[redacted]"), [before])).toEqual({ shownAtMs: 1000, fields: [], notCompared: 2 });
});

test("what is too deep or was cut is compared with nothing, and never taken for the same", () => {
  const deep = (levels: number, value: number) => `{"a":`.repeat(levels) + value + "}".repeat(levels);
  for (const levels of [34, 5000]) {
    expect(between(sent(deep(levels, 2)), exchange(1, { body: deep(levels, 1) }))).toBeNull();
    expect(between(sent('{"a": 1}'), exchange(1, { body: deep(levels, 1) }))).toBe("not-shown");
  }
  expect(between(sent(deep(30, 2)), exchange(1, { body: deep(30, 1) }))?.length).toBe(1);
  expect(between(sent('{"a": 1}'), exchange(1, { body: '{"a": 1}', bodyBytes: 65_537 }))).toBe("not-shown");
});

test("many fields and odd addresses are read as any other", () => {
  const wide = `{${Array.from({ length: 5000 }, (_, n) => `"k${n}":${n}`).join(",")}}`;
  expect(between(sent(wide.replaceAll(":", ":1")), exchange(1, { body: wide }))?.length).toBe(5000);
  expect(between(sent("a=1", { path: "http://[" }), page(1, '<form action="http://["><input name=a value=2></form>'))).toEqual([
    "a: 2 -> 1",
  ]);
});

test("says when it was shown, marks included, and says it when nothing differs", async () => {
  const before = exchange(1, { body: '{"mail": "[masked e-mail 7f3a91c2d0b4e6f8]", "pay": 1}' });
  const write = sent('{"mail": "[masked e-mail 2c9e40aa51d7f803]", "pay": 1}');
  const { container, rerender } = render(<Difference exchange={write} exchanges={[before, write]} />);
  expect(screen.getByRole("rowheader").textContent).toBe("mail");
  expect(screen.getAllByRole("cell").map((cell) => cell.textContent)).toEqual([
    "[masked e-mail 7f3a91c2d0b4e6f8]",
    "[masked e-mail 2c9e40aa51d7f803]",
  ]);
  expect(container.querySelector("time")).toBeTruthy();
  expect((await axe.run(container)).violations).toEqual([]);
  const same = { ...write, requestBody: '{"pay": 1}' };
  rerender(<Difference exchange={same} exchanges={[before]} />);
  screen.getByText(words.replay.nothingDiffers);
  rerender(<Difference exchange={same} exchanges={[]} />);
  screen.getByText(words.replay.notShownBefore);
});
