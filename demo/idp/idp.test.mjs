import assert from "node:assert/strict";
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { keysIn } from "./keys.mjs";
import { listen } from "./server.mjs";

const REDIRECT = "http://127.0.0.1:49152/callback";
let folder, server, issuer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-idp-"));
  ({ server, issuer } = await listen(0, await keysIn(folder)));
});
after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** A browser: follows redirects within the provider and keeps its cookies. */
function browser() {
  const jar = new Map();
  return async function go(url, options = {}) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...options, redirect: "manual", headers: { ...options.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split("=");
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    const next = answer.headers.get("location") && new URL(answer.headers.get("location"), url);
    return next && next.origin === issuer ? go(next.href) : { url, answer, next };
  };
}

const form = (fields) => ({ method: "POST", body: new URLSearchParams(fields) });
const verifierOf = (challenge) => createHash("sha256").update(challenge).digest("base64url");

function authorization(verifier, more = {}) {
  const url = new URL("/auth", issuer);
  url.search = new URLSearchParams({
    client_id: "countersign-desktop", response_type: "code", scope: "openid", redirect_uri: REDIRECT, nonce: "n-1",
    state: "s-1", code_challenge: verifierOf(verifier), code_challenge_method: "S256", ...more,
  });
  return url.href;
}

async function signIn(account, go = browser()) {
  const verifier = randomBytes(32).toString("base64url");
  const page = await go(authorization(verifier));
  assert.match(await page.answer.text(), /Choose a person/);
  const { next } = await go(page.url, form({ account }));
  assert.equal(next.searchParams.get("iss"), issuer);
  const answer = await fetch(`${issuer}/token`, form({
    grant_type: "authorization_code", client_id: "countersign-desktop", redirect_uri: REDIRECT,
    code: next.searchParams.get("code"), code_verifier: verifier,
  }));
  return (await answer.json()).id_token;
}

const part = (token, index) => JSON.parse(Buffer.from(token.split(".")[index], "base64url"));

test("a sign-in gives an ID token that holds who the person is", async () => {
  const token = await signIn("mara");
  const { iat, exp, auth_time, at_hash: _, ...claims } = part(token, 1);
  assert.equal(exp - iat, 3600);
  assert.ok(Number.isInteger(auth_time), JSON.stringify(claims));
  assert.deepEqual(claims, {
    sub: "mara", name: "Mara Lindqvist", employee_id: "e-1041", countersign_roles: ["engineer"], amr: ["user"],
    nonce: "n-1", aud: "countersign-desktop", iss: issuer,
  });
});

test("the published keys verify the token, and hold no private part", async () => {
  const token = await signIn("tomasz");
  const { keys } = await (await fetch(`${issuer}/jwks`)).json();
  const key = keys.find((k) => k.kid === part(token, 0).kid);
  assert.ok(!("d" in key) && key.alg === "RS256");
  const [header, payload, signature] = token.split(".");
  const good = verify("sha256", Buffer.from(`${header}.${payload}`), createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url"));
  assert.ok(good);
});

test("two accounts of one person share the employee id", async () => {
  const [one, two] = [part(await signIn("mara"), 1), part(await signIn("mara.admin"), 1)];
  assert.notEqual(one.sub, two.sub);
  assert.equal(one.employee_id, two.employee_id);
  assert.deepEqual(two.countersign_roles, ["engineer", "approver"]);
});

test("a browser that somebody used asks again", async () => {
  const go = browser();
  assert.equal(part(await signIn("ben", go), 1).sub, "ben");
  assert.equal(part(await signIn("sofia", go), 1).sub, "sofia");
});

test("prompt=login and prompt=consent end in a sign-in", async () => {
  for (const prompt of ["login", "consent", "login consent"]) {
    const go = browser();
    const page = await go(authorization("v".repeat(43), { prompt }));
    const { next } = await go(page.url, form({ account: "ines" }));
    assert.ok(next?.searchParams.get("code"), prompt);
  }
});

test("without PKCE there is no sign-in", async () => {
  const { next } = await browser()(authorization("v".repeat(43), { code_challenge: "", code_challenge_method: "" }));
  assert.equal(next.searchParams.get("error"), "invalid_request");
});

test("an unknown person, a foreign browser and a foreign redirect are refused", async () => {
  const go = browser();
  const page = await go(authorization("v".repeat(43)));
  assert.equal((await go(page.url, form({ account: "nobody" }))).answer.status, 400);
  assert.equal((await browser()(page.url, form({ account: "mara" }))).answer.status, 400);
  const foreign = await browser()(authorization("v".repeat(43), { redirect_uri: "https://example.org/callback" }));
  assert.equal(foreign.answer.status, 400);
});

test("cancelling goes back to the application with an error", async () => {
  const go = browser();
  const page = await go(authorization("v".repeat(43)));
  const { next } = await go(`${page.url}/abort`);
  assert.equal(next.searchParams.get("error"), "access_denied");
});

test("a restart keeps the keys, which only their owner reads", async () => {
  const [one, two] = [await keysIn(folder), await keysIn(folder)];
  assert.deepEqual(one, two);
  assert.equal((await stat(join(folder, "keys.json"))).mode & 0o777, 0o600);
});
