// Tries one way out after the other. An attempt answers what it got hold of, or nothing; a string that begins with "!"
// is a way out that was found. What reaches the traps is counted there, whatever this page believes.
const plan = await (await fetch("plan.json")).json();
const PATIENCE = 1500;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function attempt(name, act) {
  let outcome;
  try {
    outcome = (await Promise.race([act(), wait(PATIENCE).then(() => "silence")])) ?? "nothing";
  } catch (error) {
    outcome = `refused: ${error?.name ?? ""} ${error?.message ?? error}`;
  }
  const item = document.createElement("li");
  item.textContent = `${name}: ${outcome}`;
  document.getElementById("outcomes")?.append(item);
  await fetch(`report?${new URLSearchParams({ name, outcome: String(outcome).slice(0, 300) })}`);
}

/** An element that loads something: found only when it says that it loaded. */
const loads = (tag, attributes, into = document.body) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), { onload: () => resolve("!loaded"), onerror: () => reject(new Error("error")) });
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    into.append(element);
  });

// The app's commands.
await attempt("commands: window.__TAURI__", () => (window.__TAURI__ ? "!there" : undefined));
await attempt("commands: window.__TAURI_INTERNALS__", () => (window.__TAURI_INTERNALS__ ? "!there" : undefined));
await attempt("commands: the message handler", () => (window.webkit?.messageHandlers?.ipc ? "!there" : undefined));
// What the engine would do by itself, past any proxy: no trap on this computer sees a name being resolved.
for (const rel of ["dns-prefetch", "preconnect", "prefetch"]) {
  await attempt(`engine: ${rel}`, () => (document.createElement("link").relList.supports(rel) ? "!supported" : undefined));
}
const invoke = window.__TAURI_INTERNALS__?.invoke;
for (const command of plan.commands) {
  await attempt(`command: ${command}`, async () => {
    if (!invoke) return undefined;
    return `!answered ${JSON.stringify(await invoke(command, plan.arguments))}`;
  });
}
for (const name of ["ipc", "external"]) {
  await attempt(`commands: handler ${name}`, async () => {
    const handler = window.webkit?.messageHandlers?.[name] ?? window[name];
    if (!handler?.postMessage) return undefined;
    const callback = 40_000_001;
    const answered = new Promise((resolve) => (window[`_${callback}`] = (value) => resolve(`!answered ${JSON.stringify(value)}`)));
    for (const message of [{ cmd: "state", callback, error: callback + 1, payload: {} }, { cmd: "state", callback, error: callback + 1, payload: {}, options: {}, __TAURI_INVOKE_KEY__: "guess" }]) {
      handler.postMessage(JSON.stringify(message));
    }
    return answered;
  });
}
for (const base of ["ipc://localhost", "http://ipc.localhost", "https://ipc.localhost", "tauri://localhost", "http://tauri.localhost", "replay://localhost", "http://replay.localhost", "asset://localhost"]) {
  for (const path of ["state", "index.html"]) {
    await attempt(`scheme: fetch ${base}/${path}`, async () => {
      const answer = await fetch(`${base}/${path}`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
      return `!answered ${answer.status} ${(await answer.text()).slice(0, 80)}`;
    });
  }
  await attempt(`scheme: script ${base}`, () => loads("script", { src: `${base}/assets/index.js` }));
  await attempt(`scheme: image ${base}`, () => loads("img", { src: `${base}/icon.png` }));
  await attempt(`scheme: frame ${base}`, () => framed(`${base}/index.html`, true));
}

/** A frame of the app's own pages would have another origin than ours, and one that says something is there. */
async function framed(address, isOurs = false) {
  const frame = document.createElement("iframe");
  let said;
  const hear = ({ source, data }) => source === frame.contentWindow && (said = data);
  addEventListener("message", hear);
  frame.src = address;
  document.body.append(frame);
  await wait(500);
  const where = frame.contentDocument?.location.href;
  frame.remove();
  removeEventListener("message", hear);
  if (said !== undefined) return `!${address} says ${said}`;
  if (isOurs && where === undefined) return `!${address} is framed`;
  return where ?? "another origin, nothing said";
}

// Other ports of this computer, and other hosts.
for (const address of [...plan.addresses, ...plan.foreign]) {
  const socket = address.replace(/^http/, "ws");
  const ways = {
    fetch: async () => {
      // Refused by the proxy it is opaque; what a trap answers can be read.
      const blind = await fetch(`${address}/blind`, { mode: "no-cors" }).then((answer) => answer.type, () => "error");
      return `!answered ${blind} ${await (await fetch(`${address}/fetch`)).text()}`;
    },
    post: async () => {
      await fetch(`${address}/blind`, { method: "POST", mode: "no-cors", body: "x" }).catch(() => {});
      return `!answered ${await (await fetch(`${address}/post`, { method: "POST", body: "x" })).text()}`;
    },
    xhr: () =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve("!answered");
        request.onerror = () => reject(new Error("error"));
        request.open("GET", `${address}/xhr`);
        request.send();
      }),
    beacon: () => {
      navigator.sendBeacon(`${address}/beacon`, "x");
    },
    image: () => loads("img", { src: `${address}/image` }),
    script: () => loads("script", { src: `${address}/script` }),
    style: () => loads("link", { rel: "stylesheet", href: `${address}/style` }, document.head),
    video: () => loads("video", { src: `${address}/video`, preload: "auto", autoplay: "" }),
    object: () => loads("object", { data: `${address}/object` }),
    embed: () => loads("embed", { src: `${address}/embed` }),
    socket: () =>
      new Promise((resolve, reject) => {
        const opened = new WebSocket(`${socket}/socket`);
        opened.onopen = () => resolve("!open");
        opened.onerror = () => reject(new Error("error"));
      }),
    events: () =>
      new Promise((resolve, reject) => {
        const source = new EventSource(`${address}/events`);
        source.onopen = () => resolve("!open");
        source.onerror = () => (source.close(), reject(new Error("error")));
      }),
    frame: () => framed(`${address}/frame`),
    window: () => {
      const opened = window.open(`${address}/window`, "_blank");
      return opened ? "!a window" : undefined;
    },
    form: async () => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: `${address}/form`, target: "_blank" });
      document.body.append(form);
      form.submit();
      await wait(200);
    },
    ping: async () => {
      const link = Object.assign(document.createElement("a"), { href: "#", ping: `${address}/ping` });
      document.body.append(link);
      link.click();
      await wait(100);
    },
  };
  await Promise.all(Object.entries(ways).map(([way, act]) => attempt(`network: ${way} ${address}`, async () => act())));
  for (const rel of ["preconnect", "dns-prefetch", "prefetch", "preload", "prerender", "modulepreload", "icon", "manifest"]) {
    document.head.append(Object.assign(document.createElement("link"), { rel, href: `${address}/${rel}`, as: "script" }));
  }
  await attempt(`network: hints ${address}`, () => wait(150));
}

// Without a connection that a proxy would see.
await attempt("network: peer connection", async () => {
  if (!window.RTCPeerConnection) return "absent";
  const connection = new RTCPeerConnection({ iceServers: plan.stun.map((urls) => ({ urls })) });
  const found = [];
  connection.onicecandidate = ({ candidate }) => candidate && found.push(candidate.candidate);
  connection.createDataChannel("x");
  await connection.setLocalDescription(await connection.createOffer());
  await wait(1200);
  return found.length ? `candidates: ${found.join(" ")}` : undefined;
});

// Workers, frames without an address, and whoever may stand around this page.
await attempt("worker: service worker", async () => {
  await navigator.serviceWorker.register("worker.js");
  await wait(500);
  return "registered";
});
await attempt("worker: worker", () => new Promise((resolve) => (new Worker("worker.js").onmessage = ({ data }) => setTimeout(() => resolve(data), 500))));
for (const [name, make] of Object.entries({
  "about:blank": (frame) => (frame.src = "about:blank"),
  srcdoc: (frame) => (frame.srcdoc = "<p>x"),
  blob: (frame) => (frame.src = URL.createObjectURL(new Blob(["<p>x"], { type: "text/html" }))),
  data: (frame) => (frame.src = "data:text/html,<script>parent.postMessage(typeof __TAURI_INTERNALS__, '*')</script>"),
  javascript: (frame) => (frame.src = "javascript:parent.postMessage(typeof __TAURI_INTERNALS__, '*')"),
})) {
  await attempt(`frame: ${name}`, async () => {
    const frame = document.createElement("iframe");
    make(frame);
    document.body.append(frame);
    await wait(300);
    const inside = frame.contentWindow?.__TAURI_INTERNALS__?.invoke;
    return inside ? `!answered ${JSON.stringify(await inside("state"))}` : undefined;
  });
}
await attempt("around: parent", () => {
  if (window.parent !== window || window.top !== window) return "!a parent";
  window.parent.postMessage("x", "*");
});
await attempt("around: opener", () => (window.opener ? "!an opener" : undefined));

// This computer.
for (const file of ["file:///etc/passwd", "file:///proc/self/environ", plan.file]) {
  await attempt(`file: fetch ${file}`, async () => `!${(await (await fetch(file)).text()).slice(0, 20)}`);
  await attempt(`file: frame ${file}`, () => framed(file));
}
await attempt("file: download", async () => {
  const link = Object.assign(document.createElement("a"), { href: "taken.bin", download: "countersign-hostile.bin" });
  document.body.append(link);
  link.click();
  await wait(500);
});
await attempt("device: place", () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(() => resolve("!known"), reject)));
await attempt("device: camera", async () => ((await navigator.mediaDevices.getUserMedia({ video: true, audio: true })) ? "!seen" : undefined));
await attempt("device: clipboard", async () => `!${await navigator.clipboard.readText()}`);
await attempt("device: notification", async () => ((await Notification.requestPermission()) === "granted" ? "!granted" : undefined));

// Another Organization, and more than was granted.
const others = {
  path: () => fetch(`/o/${plan.other}/`),
  "encoded path": () => fetch(`/o/${plan.organization}/..%2f${plan.other}/`),
  header: () => fetch(".", { headers: { "x-organization": plan.other } }),
  parameter: () => fetch(`?organization=${plan.other}`),
  write: () => fetch(".", { method: "POST", body: "x" }),
  "write as JSON": () => fetch(".", { method: "PUT", body: JSON.stringify({ organization: plan.other }), headers: { "content-type": "application/json" } }),
};
for (const [name, ask] of Object.entries(others)) {
  await attempt(`organization: ${name}`, async () => {
    const answer = await ask();
    return answer.status >= 400 ? `refused with ${answer.status}` : `!answered ${answer.status}`;
  });
}
await attempt("organization: the other service", async () => {
  const answer = await fetch(`${plan.neighbour}/o/${plan.other}/overview`, { mode: "no-cors" });
  return answer.type === "opaque" ? "opaque" : `!${answer.status}`;
});

// Going elsewhere as a whole comes last: who leaves does not come back to say so.
for (const address of plan.links) {
  await attempt(`leaving: ${address}`, async () => {
    location.href = address;
    await wait(400);
  });
  await attempt(`leaving: window ${address}`, () => (window.open(address) ? "!a window" : undefined));
}
await attempt("end", () => undefined);
