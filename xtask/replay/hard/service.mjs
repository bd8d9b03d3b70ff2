// Pages that are hard to record. Each says "it works" once it does, whatever becomes of its recording.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const [port, base] = process.argv.slice(2);
const WORKS = '<p id="works">it works</p>';
const SCRIPT = "document.getElementById('works').dataset.works = 'yes'";
const html = { "content-type": "text/html; charset=utf-8" };
const page = (body, style = "") => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hard</title><style>body { font: 16px sans-serif; margin: 2rem } ${style}</style></head><body>${body}<script>${SCRIPT}</script></body></html>`;
const rows = (count) => Array.from({ length: count }, (_, n) => `<tr><td>${n}</td><td>Payslip ${n} of the October run</td><td>${(n * 7919) % 9000}</td></tr>`).join("");
const PIXELS = "document.querySelectorAll('canvas').forEach((one) => { const paper = one.getContext('2d'); paper.fillStyle = '#2a6'; paper.fillRect(10, 10, 200, 120); paper.fillStyle = '#c33'; paper.fillRect(120, 60, 150, 80); })";

/** What a page does that does not want to be recorded. It runs after the recorder, as everything of a page does. */
const SABOTAGE = `
window.MutationObserver = class { observe() { throw new Error('no') } disconnect() {} takeRecords() { return [] } };
MutationObserver.prototype.observe = () => { throw new Error('no') };
JSON.stringify = () => { throw new Error('no') };
Object.prototype.toJSON = () => ({ nothing: true });
Array.prototype.toJSON = () => [];
Array.from = () => { throw new Error('no') };
Function.prototype.bind = () => () => { throw new Error('no') };
Promise.prototype.finally = () => { throw new Error('no') };
window.fetch = () => Promise.reject(new Error('no'));
window.setTimeout = () => 0;
TextEncoder.prototype.encode = () => new Uint8Array(0);
Date.now = () => 0;
`;

const answers = {
  "": () => [html, page(`<h1>Hard pages</h1>${WORKS}`)],
  "no-head": () => [html, `<h1>No head, no doctype</h1>${WORKS}<table>${rows(10)}</table><script>${SCRIPT}</script>`],
  "in-a-frame": () => [html, page(`<h1>A page in a frame</h1>${WORKS}<iframe src="${base}/inner" style="width: 600px; height: 300px"></iframe>`)],
  inner: () => [html, page(`<h2>Inside</h2><table>${rows(6)}</table><p id="works">it works</p>`, "body { background: #eef }")],
  "strict-policy": () => [
    { ...html, "content-security-policy": "default-src 'none'; style-src 'nonce-abc'; script-src 'nonce-abc'; base-uri 'none'; require-trusted-types-for 'script'" },
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><style nonce="abc">body { font: 16px sans-serif; color: #223 } td { border: 1px solid #99a }</style></head><body><h1>A strict policy</h1>${WORKS}<table>${rows(12)}</table><script nonce="abc">${SCRIPT}</script></body></html>`,
  ],
  "shadow-dom": () => [
    html,
    page(`<h1>Shadow DOM</h1>${WORKS}<x-card></x-card><div id="declared"><template shadowrootmode="open"><style>p { background: #fe8; padding: 1rem }</style><p>Declared in markup</p></template></div>
    <script>customElements.define('x-card', class extends HTMLElement { connectedCallback() { const root = this.attachShadow({ mode: 'open' }); const sheet = new CSSStyleSheet(); sheet.replaceSync('section { border: 4px solid #285; padding: 1rem; width: 20rem } b { color: #c33 }'); root.adoptedStyleSheets = [sheet]; root.innerHTML = '<section>In an <b>open</b> root <slot></slot></section>'; } });
    const late = document.createElement('x-card'); setTimeout(() => document.body.append(late), 300);</script>`),
  ],
  pictures: () => [html, page(`<h1>Pictures and fonts</h1>${WORKS}<img src="${base}/pixel.svg" width="300" height="200" alt=""><div class="tiles"></div><svg width="200" height="80"><image href="${base}/pixel.svg" width="200" height="80"/></svg>`, `.tiles { width: 400px; height: 160px; background: url("${base}/pixel.svg") }`)],
  "pixel.svg": () => [{ "content-type": "image/svg+xml" }, `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="#36c"/><circle cx="30" cy="20" r="15" fill="#fc3"/></svg>`],
  canvas: () => [html, page(`<h1>A canvas</h1>${WORKS}<canvas width="300" height="200"></canvas><script>${PIXELS}</script>`)],
  compressed: () => [{ ...html, "content-encoding": "gzip" }, gzipSync(page(`<h1>Compressed all the same</h1>${WORKS}<table>${rows(40)}</table>`))],
  "20-mb": () => [html, page(`<h1>20 MB</h1>${WORKS}<!--${"x".repeat(20 * 1024 * 1024)}--><table>${rows(30)}</table>`)],
  "breaks-the-recorder": () => [html, page(`<h1>Breaks the recorder on purpose</h1>${WORKS}<table>${rows(10)}</table><script>${SABOTAGE}</script><p>Behind the sabotage</p>`)],
  "without-the-recorder": () => [{ ...html, "cache-control": "no-transform" }, page(`<h1>No transformation, please</h1>${WORKS}`)],
};

const server = createServer((request, response) => {
  const path = new URL(request.url, "http://hard.test").pathname.slice(base.length + 1);
  if (path === "streamed") return streamed(response);
  const [headers, body] = answers[path]?.() ?? [];
  if (!headers) return response.writeHead(404).end();
  response.writeHead(200, headers).end(body);
});

/** Comes in pieces, the last of them later than the gateway waits for a page. */
function streamed(response) {
  const pieces = page(`<h1>Streamed</h1><table>${rows(40)}</table>${WORKS}`).match(/[^]{1,400}/g);
  response.writeHead(200, html);
  response.write(pieces.shift());
  const timer = setInterval(() => {
    response.write(pieces.shift() ?? "");
    if (pieces.length > 0) return;
    clearInterval(timer);
    response.end();
  }, 6500 / pieces.length);
}

server.listen(Number(port), "127.0.0.1");
for (const name of ["SIGTERM", "SIGINT"]) process.on(name, () => process.exit(0));
