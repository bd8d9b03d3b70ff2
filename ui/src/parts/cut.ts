/** Eight bytes that stand for a request: the first 64 bits of its digest, whatever alphabet it is written in. */
export function edgeBytes(id: string): number[] {
  const digest = id.includes(":") ? id.slice(id.lastIndexOf(":") + 1) : id;
  if (/^[0-9a-f]{16,}$/i.test(digest)) {
    return Array.from({ length: 8 }, (_, at) => Number.parseInt(digest.slice(at * 2, at * 2 + 2), 16));
  }
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const bits = [...digest.slice(0, 11)].map((letter) => Math.max(0, alphabet.indexOf(letter)));
  return Array.from({ length: 8 }, (_, at) => {
    const bit = at * 8;
    const first = Math.floor(bit / 6);
    const pair = ((bits[first] ?? 0) << 12) | ((bits[first + 1] ?? 0) << 6) | (bits[first + 2] ?? 0);
    return (pair >> (18 - (bit % 6) - 8)) & 0xff;
  });
}

export type Point = readonly [number, number];

/** The cut between the two halves: a vertical line with diagonal steps at heights and offsets taken from the bytes. */
export function cutOf(bytes: readonly number[], width: number, height: number): Point[] {
  const places = [0.22, 0.36, 0.5, 0.64, 0.78];
  const at = (index: number) => (places[(bytes[index] ?? 0) % places.length] ?? 0.5) * width;
  const points: Point[] = [[at(0), 0]];
  const step = height / 9;
  let x = at(0);
  let y = 0;
  for (let index = 1; index < 8; index++) {
    const next = at(index);
    const wanted = step * index + (((bytes[index] ?? 0) >> 4) / 16 - 0.5) * step * 0.6;
    const turn = Math.max(y, wanted);
    points.push([x, turn]);
    y = turn + Math.min(Math.abs(next - x), step * 0.9);
    points.push([next, y]);
    x = next;
  }
  points.push([x, height]);
  return points;
}

export function pathOf(points: readonly Point[], shift = 0): string {
  return points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${(x + shift).toFixed(1)} ${y.toFixed(1)}`).join("");
}
