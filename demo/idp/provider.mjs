import Provider, { interactionPolicy } from "oidc-provider";

import { messagePage } from "./page.mjs";
import { claimsOf, personOf } from "./people.mjs";

const HOUR = 60 * 60;
const ID_TOKEN_CLAIMS = ["sub", "name", "employee_id", "countersign_roles", "auth_time", "amr"];

const nativeClient = (client_id, client_name) => ({
  client_id,
  client_name,
  application_type: "native",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
  response_types: ["code"],
  redirect_uris: ["http://127.0.0.1/callback"],
  id_token_signed_response_alg: "RS256",
});

/** An OpenID provider for the sample people. `countersign-other` exists so that tests can bring another client's token. */
export function providerFor(issuer, { jwks, cookies }) {
  return new Provider(issuer, {
    jwks,
    cookies: { keys: cookies },
    clients: [
      nativeClient("countersign-desktop", "Countersign"),
      nativeClient("countersign-other", "Another application of the demo"),
    ],
    claims: { openid: ID_TOKEN_CLAIMS, profile: ["name"] },
    conformIdTokenClaims: false,
    scopes: ["openid", "profile"],
    responseTypes: ["code"],
    pkce: { required: () => true },
    ttl: { IdToken: HOUR, AccessToken: HOUR, AuthorizationCode: 60, Interaction: HOUR, Session: HOUR, Grant: HOUR },
    features: { devInteractions: { enabled: false } },
    interactions: { policy: alwaysAsking(), url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    findAccount: (_ctx, account) => {
      const person = personOf(account);
      return person && { accountId: account, claims: () => claimsOf(person) };
    },
    loadExistingGrant: (ctx) => grantFor(ctx.oidc.provider, ctx.oidc.client.clientId, ctx.oidc.session.accountId),
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = messagePage("This sign-in cannot go on", `${out.error}: ${out.error_description ?? "no details"}. Start again from the application.`);
    },
  });
}

/** Everything that the sample clients may ask for, without asking anybody. */
export async function grantFor(provider, clientId, accountId) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope("openid profile");
  await grant.save();
  return grant;
}

/** Several sample people share one browser, so a remembered session never answers for the next one. */
function alwaysAsking() {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy.get("login").checks.add(
    new Check("shared_browser", "the people of the demo share one browser", (ctx) =>
      ctx.oidc.result?.login ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
    ),
  );
  return policy;
}
