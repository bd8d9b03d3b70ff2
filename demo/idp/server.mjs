import { createServer } from "node:http";

import { POLICY, messagePage, signInPage } from "./page.mjs";
import { PEOPLE, personOf } from "./people.mjs";
import { grantFor, providerFor } from "./provider.mjs";

const MAX_FORM_BYTES = 4096;
const SIGN_IN = /^\/sign-in\/([A-Za-z0-9_-]{1,64})(\/abort)?$/;

/** Listens on loopback and answers with the server once it can be asked. Port 0 takes a free one. */
export async function listen(port, keys) {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = providerFor(issuer, keys);
  const answerProtocol = provider.callback();
  server.on("request", (request, response) => {
    const match = SIGN_IN.exec(new URL(request.url, issuer).pathname);
    if (!match) return answerProtocol(request, response);
    answerSignIn(provider, request, response, match).catch((error) => fail(response, error));
  });
  return { server, issuer };
}

async function answerSignIn(provider, request, response, [, uid, abort]) {
  const interaction = await provider.interactionDetails(request, response);
  const { prompt, params } = interaction;
  if (interaction.uid !== uid) throw new Error("another sign-in was begun in this browser");
  if (abort) {
    const refused = { error: "access_denied", error_description: "the person cancelled" };
    return provider.interactionFinished(request, response, refused);
  }
  if (prompt.name === "consent") {
    const grant = await grantFor(provider, params.client_id, interaction.session.accountId);
    return provider.interactionFinished(request, response, { consent: { grantId: grant.jti } });
  }
  const client = await provider.Client.find(params.client_id);
  const page = { action: `/sign-in/${uid}`, application: client.clientName, people: PEOPLE, hint: params.login_hint };
  if (request.method === "GET") return send(response, 200, signInPage(page));
  if (request.method !== "POST") return send(response, 405, messagePage("Not possible", "Go back and choose a person."));
  const person = personOf((await formOf(request)).get("account"));
  if (!person) return send(response, 400, signInPage({ ...page, message: "Nobody of that name works here." }));
  await forgetOthers(provider, interaction, person.account);
  return provider.interactionFinished(request, response, { login: { accountId: person.account, amr: ["user"] } });
}

/** Left in place, somebody else's session would make the provider ask for a logout on a page that needs scripts. */
async function forgetOthers(provider, interaction, account) {
  const remembered = interaction.session;
  if (!remembered || remembered.accountId === account) return;
  const session = await provider.Session.findByUid(remembered.uid);
  await session?.destroy();
  delete interaction.session;
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
}

async function formOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) throw new Error("the form is too large");
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

function send(response, status, html) {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(html);
}

function fail(response, error) {
  console.error(`sign-in refused: ${error.message}`);
  if (response.headersSent) return response.end();
  send(response, 400, messagePage("This sign-in cannot go on", "It is too old, or was begun in another browser. Start again from the application."));
}
