import type { RequestForm } from "../../generated/bindings";

const KEY = "request-draft";
const KEPT_MS = 24 * 3600 * 1000;

/** The draft of this computer, if it is younger than a day. */
export function readDraft(): Partial<RequestForm> {
  try {
    const kept = JSON.parse(sessionless()?.getItem(KEY) ?? "null") as { at: number; form: Partial<RequestForm> } | null;
    return kept && Date.now() - kept.at < KEPT_MS ? kept.form : {};
  } catch {
    return {};
  }
}

export function keepDraft(form: RequestForm | null) {
  const store = sessionless();
  if (form) store?.setItem(KEY, JSON.stringify({ at: Date.now(), form }));
  else store?.removeItem(KEY);
}

function sessionless(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
