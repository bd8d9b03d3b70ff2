/** A picture that looks like a QR code and says nothing. */
export function qr(): string {
  const size = 33;
  let state = 11;
  const dark: string[] = [];
  const corner = (x: number, y: number) => (x < 8 && y < 8) || (x >= size - 8 && y < 8) || (x < 8 && y >= size - 8);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      if (!corner(x, y) && (state >>> 16) % 2 === 0) dark.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  const finder = ([x, y]: [number, number]) => `M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5zM${x + 2} ${y + 2}h3v3h-3z`;
  const finders = (
    [
      [0, 0],
      [size - 7, 0],
      [0, size - 7],
    ] as [number, number][]
  )
    .map(finder)
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -3 ${size + 6} ${size + 6}"><path fill="#fff" d="M-3-3h${size + 6}v${size + 6}h-${size + 6}z"/><path fill="#0b1518" fill-rule="evenodd" d="${dark.join("")}${finders}"/></svg>`;
}
