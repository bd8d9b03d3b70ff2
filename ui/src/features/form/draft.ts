import type { RequestForm } from "../../generated/bindings";

const KEY = "request-draft";
const KEPT_MS = 24 * 3600 * 1000;

interface Draft {
  at: number;
  form: Partial<RequestForm>;
  /** The link that the form was opened by. */
  link?: string;
}

/** The draft of this computer, if it is younger than a day. */
export function readDraft(): Draft | null {
  try {
    const kept = JSON.parse(sessionless()?.getItem(KEY) ?? "null") as Draft | null;
    return kept && Date.now() - kept.at < KEPT_MS ? kept : null;
  } catch {
    return null;
  }
}

export function keepDraft(form: RequestForm, link: string) {
  sessionless()?.setItem(KEY, JSON.stringify({ at: Date.now(), form, link } satisfies Draft));
}

export const forgetDraft = () => sessionless()?.removeItem(KEY);

function sessionless(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
