import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --desk:#e8efec; --sheet:#fff; --line:#b6c0bf; --text:#132226; --quiet:#404f53; --ink:#19416b; --hover:#ddeaf5 }
@media (prefers-color-scheme: dark) { :root { --desk:#0f1719; --sheet:#182225; --line:#4a585b; --text:#e8efec; --quiet:#aebabb; --ink:#9cc4ef; --hover:#1f3348 } }
* { box-sizing: border-box }
body { margin:0; min-height:100vh; display:grid; place-items:center; padding:24px 16px; background:var(--desk); color:var(--text); font:15px/1.45 "IBM Plex Sans",system-ui,sans-serif }
main { width:100%; max-width:460px; background:var(--sheet); border:1px solid var(--line); border-radius:8px; padding:28px }
h1 { margin:0 0 4px; font-size:22px; line-height:1.25 }
p { margin:0 0 16px; color:var(--quiet) }
ul { list-style:none; margin:0; padding:0; display:grid; gap:8px }
button { width:100%; min-height:52px; display:grid; grid-template-columns:1fr auto; gap:0 12px; align-items:center; text-align:left; font:inherit; color:inherit; background:none; border:1px solid var(--line); border-radius:5px; padding:8px 14px; cursor:pointer }
button:hover { background:var(--hover) }
button:focus-visible, a:focus-visible { outline:2px solid var(--ink); outline-offset:2px }
strong { font-weight:600 }
small { font-size:13px; color:var(--quiet) }
.roles { grid-row:1/3; grid-column:2; color:var(--ink); font-weight:500 }
a { color:var(--ink) }
.note { margin:18px 0 0; font-size:13px }
`;

// The page that a sign-in ends on is the application's own, on a loopback port that nobody knows beforehand: browsers
// apply form-action to the redirects that follow a form too.
export const POLICY =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; ` +
  "form-action 'self' http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'";

const escape = (text) =>
  String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

const document = (title, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>${body}</main></body>
</html>
`;

const choice = (person, hinted) => `
<li><button type="submit" name="account" value="${escape(person.account)}"${hinted ? " autofocus" : ""}>
<strong>${escape(person.name)}</strong><small>${escape(person.account)} &middot; ${escape(person.title)}</small>
<span class="roles"><small>${escape(person.roles.join(", "))}</small></span>
</button></li>`;

/** The page on which somebody says who they are. `action` is where the choice is sent. */
export const signInPage = ({ action, application, people, hint, message }) =>
  document(
    "Sign in",
    `<h1>Sign in</h1>
<p>${escape(application)} asks who you are. Choose a person of the demo.</p>
${message ? `<p role="alert"><strong>${escape(message)}</strong></p>` : ""}
<form method="post" action="${escape(action)}"><ul>${people.map((p) => choice(p, p.account === hint)).join("")}
</ul></form>
<p class="note">These people are made up, and signing in here takes no password. Never use this provider for anything real.</p>
<p class="note"><a href="${escape(action)}/abort">Cancel and go back</a></p>`,
  );

/** A page that says what went wrong and what to do next. */
export const messagePage = (title, sentence) =>
  document(title, `<h1>${escape(title)}</h1><p>${escape(sentence)}</p>`);
