import { crc32, deflateSync, inflateSync } from "node:zlib";

/** Rows of red, green, blue, one byte each. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Reads what Chromium and `encode` write: 8 bits a channel or a palette index, not interlaced (PNG, third edition). */
export function decode(file: Buffer): Picture {
  let [width, height, kind] = [0, 0, 0];
  let palette = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < file.length;) {
    const length = file.readUInt32BE(at);
    const name = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (name === "IHDR") [width, height, kind] = [body.readUInt32BE(0), body.readUInt32BE(4), body.readUInt8(9)];
    if (name === "PLTE") palette = Buffer.from(body);
    if (name === "IDAT") data.push(body);
    at += length + 12;
  }
  const step = { 2: 3, 3: 1, 6: 4 }[kind];
  if (!step) throw new Error(`a PNG of colour type ${kind}`);
  const rows = unfiltered(inflateSync(Buffer.concat(data)), width * step, height, step);
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      pixels[pixel * 3 + channel] = (kind === 3 ? palette[(rows[pixel] ?? 0) * 3 + channel] : rows[pixel * step + channel]) ?? 0;
  return { width, height, pixels };
}

function unfiltered(raw: Buffer, stride: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)];
    for (let at = 0; at < stride; at += 1) {
      const here = row * stride + at;
      const left = at >= step ? (out[here - step] ?? 0) : 0;
      const up = row > 0 ? (out[here - stride] ?? 0) : 0;
      const corner = at >= step && row > 0 ? (out[here - stride - step] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      out[here] = (raw[row * (stride + 1) + 1 + at] ?? 0) + guess;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Writes a picture in at most `colours` colours. */
export function encode({ width, height, pixels }: Picture, colours: number): Buffer {
  const palette = popular(pixels, colours);
  const known = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1)
    for (let at = 0; at < width; at += 1) {
      const colour = colourAt(pixels, row * width + at);
      const index = known.get(colour) ?? nearest(palette, colour);
      known.set(colour, index);
      rows[row * (width + 1) + 1 + at] = index;
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colourTable = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("PLTE", colourTable),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named) >>> 0);
  return Buffer.concat([length, named, sum]);
}

const colourAt = (pixels: Uint8Array, pixel: number) =>
  ((pixels[pixel * 3] ?? 0) << 16) | ((pixels[pixel * 3 + 1] ?? 0) << 8) | (pixels[pixel * 3 + 2] ?? 0);

const apart = (one: number, other: number) =>
  Math.abs((one >> 16) - (other >> 16)) + Math.abs(((one >> 8) & 255) - ((other >> 8) & 255)) + Math.abs((one & 255) - (other & 255));

/** The colours that are used most, no two of them close. A strong colour counts for more than its area: it means something. */
function popular(pixels: Uint8Array, colours: number): number[] {
  const used = new Map<number, number>();
  for (let pixel = 0; pixel < pixels.length / 3; pixel += 1) {
    const colour = colourAt(pixels, pixel);
    used.set(colour, (used.get(colour) ?? 0) + 1 + strength(colour) / 8);
  }
  const chosen: number[] = [];
  for (const [colour] of [...used].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    if (chosen.every((one) => apart(one, colour) > 30)) chosen.push(colour);
    if (chosen.length === colours) break;
  }
  return chosen;
}

/** How far a colour is from grey. */
function strength(colour: number): number {
  const channels = [colour >> 16, (colour >> 8) & 255, colour & 255];
  return Math.max(...channels) - Math.min(...channels);
}

function nearest(palette: number[], colour: number): number {
  let best = 0;
  palette.forEach((one, index) => {
    if (apart(one, colour) < apart(palette[best] ?? 0, colour)) best = index;
  });
  return best;
}

/** A picture of half the size: each point is the mean of four. */
export function halved({ width: from, height: rows, pixels: given }: Picture): Picture {
  const [width, height] = [from >> 1, rows >> 1];
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1)
    for (let at = 0; at < width; at += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        const first = (row * 2 * from + at * 2) * 3 + channel;
        const four = [first, first + 3, first + from * 3, first + from * 3 + 3];
        pixels[(row * width + at) * 3 + channel] = four.reduce((sum, one) => sum + (given[one] ?? 0), 2) >> 2;
      }
  return { width, height, pixels };
}

/** The picture of `right` beside that of `left`. */
export function beside(left: Picture, right: Picture): Picture {
  const [width, height] = [left.width + right.width, left.height];
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row += 1) {
    pixels.set(left.pixels.subarray(row * left.width * 3, (row + 1) * left.width * 3), row * width * 3);
    pixels.set(right.pixels.subarray(row * right.width * 3, (row + 1) * right.width * 3), (row * width + left.width) * 3);
  }
  return { width, height, pixels };
}

/** How much of two pictures of one size differs by more than `tolerance`, red, green and blue together. */
export function difference(one: Picture, other: Picture, tolerance: number): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  let differing = 0;
  const count = one.width * one.height;
  for (let pixel = 0; pixel < count; pixel += 1)
    if (apart(colourAt(one.pixels, pixel), colourAt(other.pixels, pixel)) > tolerance) differing += 1;
  return differing / count;
}
