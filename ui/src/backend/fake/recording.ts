import type { ExchangeView, PageView, RecordingView } from "../../generated/bindings";

type Node = {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, string>;
  childNodes?: Node[];
  textContent?: string;
  [more: string]: unknown;
};

let lastId = 0;
const text = (content: string): Node => ({ type: 3, id: ++lastId, textContent: content });
const element = (tagName: string, style: string, ...children: (Node | string)[]): Node => ({
  type: 2,
  id: ++lastId,
  tagName,
  attributes: style ? { style } : {},
  childNodes: children.map((child) => (typeof child === "string" ? text(child) : child)),
});

const people = [
  "Warehouse day",
  "Warehouse night",
  "Warehouse day",
  "Forklift",
  "Warehouse night",
  "Dispatch",
  "Warehouse day",
  "Forklift",
  "Dispatch",
  "Warehouse day",
];

function payPage(title: string, changed: string): { document: Node; row: number } {
  lastId = 0;
  let row = 0;
  const rows = people.map((group, at) => {
    const line = element(
      "tr",
      "border-top:1px solid #e8e1d6",
      element("td", "padding:9px 14px", `•••••••• ${at + 1}`),
      element("td", "padding:9px 14px", group),
      element("td", "padding:9px 14px;color:#2f5d3a", "Verified"),
    );
    if (at === 4) row = line.id;
    return line;
  });
  const menu = ["Dashboard", "People", "Pay runs", "Payslips", "Leave", "Tax filings"].map((name) =>
    element("div", `padding:7px 8px;border-radius:6px;${name === "People" ? "background:#5a412b" : ""}`, name),
  );
  const body = element(
    "body",
    "margin:0;font:13px/1.4 sans-serif;background:#fbf9f5;color:#2b2620;display:grid;grid-template-columns:176px 1fr;min-height:650px",
    element(
      "div",
      "background:#3d2b1c;color:#e9dfd2;padding:16px 12px",
      element("div", "font-weight:800;font-size:16px;padding:0 8px 14px", "kestrelpay"),
      ...menu,
    ),
    element(
      "div",
      "padding:18px 24px",
      element("div", "font-weight:700;font-size:21px;margin-bottom:14px", title),
      element("div", "margin-bottom:14px;color:#857b6d", `In this depot 86 · Verified 85 · Changed now ${changed}`),
      element("table", "background:#fff;border:1px solid #e8e1d6;border-collapse:collapse;width:100%", element("tbody", "", ...rows)),
    ),
  );
  const html = element("html", "", element("head", "", element("title", "", title)), body);
  return {
    document: { type: 0, id: ++lastId, childNodes: [{ type: 1, name: "html", publicId: "", systemId: "", id: ++lastId } as Node, html] },
    row,
  };
}

function page(id: string, title: string, startMs: number, lengthMs: number): PageView {
  const { document, row } = payPage(title, id === "page-1" ? "0" : "1");
  const events: unknown[] = [
    { type: 4, timestamp: startMs, data: { href: `https://payroll.test/${id}`, width: 1168, height: 650 } },
    { type: 2, timestamp: startMs + 10, data: { node: document, initialOffset: { left: 0, top: 0 } } },
  ];
  for (let at = 2000; at < lengthMs * 0.4; at += 1500) {
    events.push({
      type: 3,
      timestamp: startMs + at,
      data: { source: 1, positions: [{ x: 500 + ((at / 9) % 300), y: 200 + ((at / 31) % 300), id: row, timeOffset: 0 }] },
    });
  }
  events.push({
    type: 3,
    timestamp: startMs + lengthMs * 0.3,
    data: { source: 0, texts: [], removes: [], adds: [], attributes: [{ id: row, attributes: { style: "outline:2px solid #d9480f" } }] },
  });
  for (let at = 0; at < 6; at++)
    events.push({
      type: 3,
      timestamp: startMs + lengthMs * 0.32 + at * 800,
      data: { source: 5, text: "*****", isChecked: false, id: row },
    });
  return { page: id, atMs: startMs, events: events.length, json: JSON.stringify(events) };
}

const calls: [number, string, string, number, number, string][] = [
  [1, "GET", "/o/brightwater-logistics/", 200, 14_200, "text/html"],
  [40, "GET", "/o/brightwater-logistics/people", 200, 22_100, "text/html"],
  [110, "GET", "/o/brightwater-logistics/pay-groups/fx-2", 200, 9100, "text/html"],
  [180, "POST", "/o/brightwater-logistics/pay-groups/fx-2/members", 200, 310, "application/json"],
  [620, "GET", "/o/brightwater-logistics/export/people.csv", 200, 186_000, "text/csv"],
  [700, "GET", "/o/brightwater-logistics/people/felixstowe", 200, 18_000, "text/html"],
  [900, "GET", "/o/delmar-foods/people", 403, 0, "text/html"],
  [1400, "GET", "/o/brightwater-logistics/people/felixstowe/bank", 200, 12_400, "text/html"],
  [1520, "PUT", "/o/brightwater-logistics/people/511/bank", 200, 96, "application/json"],
  [1600, "GET", "/o/brightwater-logistics/history", 200, 8000, "text/html"],
  [2300, "PUT", "/o/brightwater-logistics/pay-groups/fx-2", 200, 240, "application/json"],
  [2700, "GET", "/o/brightwater-logistics/", 200, 14_200, "text/html"],
];

const gaps: [number, number][] = [
  [425, 615],
  [1190, 1390],
  [1900, 2140],
];
for (let second = 12; second < 2890; second += 13 + ((second * 7) % 5)) {
  if (gaps.some(([from, to]) => second > from && second < to)) continue;
  calls.push([second, "GET", `/o/brightwater-logistics/people/${500 + (second % 90)}`, 200, 6000 + second, "text/html"]);
}
calls.sort((a, b) => a[0] - b[0]);

const GROUP = "/o/brightwater-logistics/pay-groups/fx-2";
const SENT = '{"group": "fx-2", "cost_centre": "4410"}';
/** What the group's page had shown of it. */
const FORM = `<!doctype html><title>Pay group</title><form method="post"><input name="name" value="Felixstowe"><input name="cost_centre" value="4410"><input type="hidden" name="_token" value="[redacted]"><button>Save</button></form>`;

/** 48 minutes with three idle gaps. */
export function recording(startedMs: number): RecordingView {
  const exchanges: ExchangeView[] = calls.map(([second, method, path, status, bodyBytes, contentType], number) => ({
    number,
    atMs: startedMs + second * 1000,
    method,
    path,
    status,
    bodyBytes,
    tookMs: 18 + ((number * 37) % 90),
    write: method !== "GET",
    refused: status === 403 ? "another Organization" : "",
    cut: "",
    contentType,
    body: contentType.includes("json") ? '{"saved": true, "rows": 1}' : method === "GET" && path === GROUP ? FORM : null,
    requestBody: method === "GET" ? null : path === GROUP ? "name=Felixstowe+nights&cost_centre=4410&_token=[redacted]" : SENT,
    socketMessages: 0,
  }));
  const pages = [
    page("page-1", "People, Felixstowe depot", startedMs + 2000, 300_000),
    page("page-2", "Pay groups, Felixstowe", startedMs + 690_000, 500_000),
    page("page-3", "Bank details, Felixstowe depot", startedMs + 1_401_000, 700_000),
  ];
  return {
    startedMs,
    endedMs: startedMs + 2_907_000,
    live: false,
    exchanges,
    pages,
    gaps: [],
    resources: [],
    check: "checks-out",
    detail: "Every frame is one that the manifest in the log names.",
  };
}

/** The last change in it. */
export const changed = recording(0).exchanges.findLast((one) => one.write)?.number;
