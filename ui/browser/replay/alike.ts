import type { Picture } from "../png";
import type { Box } from "./stage";

const percent = (part: number) => Math.round(part * 10_000) / 100;

/** How much of two pictures is alike, in percent: of what was not masked, and of everything; and how much was masked. */
export function alike(one: Picture, other: Picture, tolerance: number, masked: Box[]) {
  if (one.width !== other.width || one.height !== other.height) return { same: 0, sameWithMasked: 0, masked: 0 };
  const hidden = new Uint8Array(one.width * one.height);
  for (const { left, top, right, bottom } of masked)
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(one.height, bottom); y += 1)
      hidden.fill(1, y * one.width + Math.max(0, Math.floor(left)), y * one.width + Math.max(0, Math.min(one.width, Math.ceil(right))));
  let [apart, apartHidden, covered] = [0, 0, 0];
  for (let pixel = 0; pixel < hidden.length; pixel += 1) {
    const off = [0, 1, 2].reduce((sum, at) => sum + Math.abs((one.pixels[pixel * 3 + at] ?? 0) - (other.pixels[pixel * 3 + at] ?? 0)), 0);
    if (hidden[pixel]) covered += 1;
    if (off > tolerance && hidden[pixel]) apartHidden += 1;
    else if (off > tolerance) apart += 1;
  }
  const all = hidden.length;
  return {
    same: percent(1 - apart / Math.max(1, all - covered)),
    sameWithMasked: percent(1 - (apart + apartHidden) / all),
    masked: percent(covered / all),
  };
}
