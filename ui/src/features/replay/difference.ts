import type { ExchangeView } from "../../generated/bindings";

/** One value that is sent otherwise than it was shown; none where it was not there, or is left out. */
export interface Field {
  name: string;
  before: string | null;
  sent: string | null;
}

/** What a change sends, beside what the record had shown of the same before. */
export interface Difference {
  /** When that was shown. */
  shownAtMs: number;
  fields: Field[];
  /** Secrets, of which the record has no value. */
  notCompared: number;
}

/** What the gateway puts in a value's place, as it is, between what a form has encoded. */
const MARKS = /\[(?:masked|left out)[^\]\n]*\]/g;
/** The same value has the same digits in an Organization, whichever rule found it: what a page showed may have been found by another one than what was sent. */
const MARK = /\[masked [^\]\n]* ([0-9a-f]{16})\]/g;
const asCompared = (text: string | null) => text?.replace(MARK, "[masked $1]") ?? null;
/** `[redacted]` stands where the gateway took a secret out. */
const SECRET = "[redacted]";
/** A longer answer is not all here, in bytes. */
const KEPT = 64 * 1024;
/** Pages with forms that are looked through, newest first. */
const PAGES = 30;
const DEEP = 32;

type Values = Map<string, string>;
/** What was shown, and of which names leaving out is a change too. */
interface Shown {
  values: Values;
  missing: (name: string) => boolean;
}

/** None when it is no change whose content can be read; `"not-shown"` when nothing before it can be held to it. */
export function difference(write: ExchangeView, exchanges: ExchangeView[]): Difference | "not-shown" | null {
  if (!write.write || !write.requestBody) return null;
  const json = parsed(write.requestBody);
  const sent = json === undefined ? fieldsOf(write.requestBody) : leaves(json);
  if (!sent || sent.size === 0) return null;
  const isShown = (one: ExchangeView) => one.method === "GET" && one.status === 200 && one.body !== null && one.bodyBytes <= KEPT;
  const before = exchanges.filter((one) => one.number < write.number && one.atMs <= write.atMs && isShown(one));
  const found = json === undefined ? lastForm(write, before, sent) : lastAnswer(write, before, sent);
  return found ? beside(sent, found.shown, found.atMs) : "not-shown";
}

function beside(sent: Values, shown: Shown, shownAtMs: number): Difference {
  const names = [...sent.keys(), ...[...shown.values.keys()].filter((name) => !sent.has(name) && shown.missing(name))];
  const fields: Field[] = [];
  let notCompared = 0;
  for (const name of names) {
    const [before, now] = [shown.values.get(name) ?? null, sent.get(name) ?? null];
    if (`${before} ${now}`.includes(SECRET)) notCompared += 1;
    else if (asCompared(before) !== asCompared(now)) fields.push({ name, before, sent: now });
  }
  return { shownAtMs, fields, notCompared };
}

const shares = (shown: Values, sent: Values) => [...sent.keys()].filter((name) => shown.has(name)).length;

/** The last answer at the same address that has a value of the same name. */
function lastAnswer(write: ExchangeView, before: ExchangeView[], sent: Values) {
  const there = before.filter((one) => pathOf(one.path) === pathOf(write.path));
  for (const one of there.toReversed()) {
    const json = one.body ? parsed(one.body) : undefined;
    const values = json === undefined ? null : leaves(json);
    // Only what replaces the whole leaves something out.
    if (values && shares(values, sent) > 0) return { atMs: one.atMs, shown: { values, missing: () => write.method === "PUT" } };
  }
  return null;
}

/** The last page with a form that is sent to this address and has a field of the same name. */
function lastForm(write: ExchangeView, before: ExchangeView[], sent: Values) {
  const pages = before.filter((one) => one.contentType.startsWith("text/html") && one.body?.toLowerCase().includes("<form"));
  for (const one of pages.slice(-PAGES).toReversed()) {
    // What this makes is never shown: nothing in it runs and nothing is fetched.
    const page = new DOMParser().parseFromString(one.body ?? "", "text/html");
    const forms = [...page.querySelectorAll("form")].filter(
      (form) => pathOf(form.getAttribute("action") || one.path, one.path) === pathOf(write.path),
    );
    const shown = forms.map(shownIn).sort((a, b) => shares(b.values, sent) - shares(a.values, sent))[0];
    if (shown && shares(shown.values, sent) > 0) return { atMs: one.atMs, shown };
  }
  return null;
}

function shownIn(form: Element): Shown {
  const [values, boxes] = [new Map<string, string>(), new Set<string>()];
  for (const field of form.querySelectorAll("input[name], select[name], textarea[name]")) {
    const name = field.getAttribute("name") ?? "";
    const kind = (field.getAttribute("type") ?? "").toLowerCase();
    if (["submit", "button", "image", "reset", "file"].includes(kind) || field.hasAttribute("disabled")) continue;
    if (kind === "checkbox" || kind === "radio") {
      boxes.add(name);
      if (field.hasAttribute("checked")) add(values, name, field.getAttribute("value") ?? "on");
    } else {
      add(values, name, valueOf(field));
    }
  }
  return { values, missing: (name) => boxes.has(name) };
}

function valueOf(field: Element): string {
  if (field.localName === "textarea") return field.textContent ?? "";
  if (field.localName !== "select") return field.getAttribute("value") ?? "";
  const option = field.querySelector("option[selected]") ?? field.querySelector("option");
  return option?.getAttribute("value") ?? option?.textContent?.trim() ?? "";
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Each value of a document by its place in it; none when some lie too deep to be told apart. */
function leaves(whole: unknown): Values | null {
  const [values, open] = [new Map<string, string>(), [{ name: "", value: whole, deep: 0 }]];
  for (let at = open.pop(); at; at = open.pop()) {
    const { name, value, deep } = at;
    const within = typeof value === "object" && value !== null ? Object.entries(value) : [];
    if (within.length > 0 && deep === DEEP) return null;
    const join = (key: string) => (Array.isArray(value) ? `${name}[${key}]` : name ? `${name}.${key}` : key);
    if (within.length === 0) values.set(name, typeof value === "string" ? value : JSON.stringify(value));
    for (const [key, inner] of within.reverse()) open.push({ name: join(key), value: inner, deep: deep + 1 });
  }
  return values;
}

/** The fields of a form; none when the text is no form. */
function fieldsOf(text: string): Values | null {
  if (!/^[^=&\s]+=\S*$/.test(text.trim().replace(MARKS, ""))) return null;
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text.trim())) add(values, name, value);
  return values;
}

/** Several of one name are one value. */
function add(values: Values, name: string, value: string) {
  const first = values.get(name);
  values.set(name, first === undefined ? value : `${first}, ${value}`);
}

function pathOf(address: string, at = "/"): string {
  try {
    return new URL(address, new URL(at, "https://record.invalid/")).pathname;
  } catch {
    return address;
  }
}
