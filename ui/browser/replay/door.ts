import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Chromium, type Page } from "../chromium";
import { fetches } from "./fetches";

/** The way into a Session: a proxy with a secret, and the certificate that stands behind it. */
export interface Way {
  proxy: string;
  certificate: string;
}

/** A browser that knows the way, and trusts that certificate beside its own. */
export async function browserFor({ proxy, certificate }: Way): Promise<Chromium> {
  const { publicKey } = new X509Certificate(readFileSync(certificate));
  const key = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  const { host } = new URL(proxy);
  return Chromium.start(`--proxy-server=http://${host}`, `--ignore-certificate-errors-spki-list=${key}`, "--force-color-profile=srgb");
}

/** Opens an address, and tells the door its secret when it asks. The browser remembers it from then on. */
export async function enter(chromium: Chromium, page: Page, { proxy }: Way, address: string) {
  const { username, password } = new URL(proxy);
  const authChallengeResponse = { response: "ProvideCredentials", username, password };
  const answer = async (method: string, { requestId }: Record<string, unknown>) => {
    if (method === "Fetch.requestPaused") await page.send("Fetch.continueRequest", { requestId });
    if (method === "Fetch.authRequired") await page.send("Fetch.continueWithAuth", { requestId, authChallengeResponse });
  };
  await fetches(chromium, page, { handleAuthRequests: true }, answer, () => page.open(address));
}
