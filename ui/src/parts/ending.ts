import { words } from "./words";

/** Why a Session ended, in words. An unknown reason is shown as it came. */
export function saidEnd(reason: string | null): string {
  if (!reason) return words.ended.expired ?? "";
  const plain = reason.replaceAll("-", " ");
  return words.ended[reason] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}
