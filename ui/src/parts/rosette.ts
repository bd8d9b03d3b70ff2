/** FNV-1a over the text, so that a seal depends on every character of its root. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}

function* numbers(seed: number): Generator<number, never> {
  let state = seed || 1;
  for (;;) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    yield state / 0x1_0000_0000;
  }
}

interface Band {
  middle: number;
  swing: number;
  petals: number;
  strands: number;
  lobes: number;
}

function bandsOf(text: string): Band[] {
  const next = numbers(seedOf(text));
  const pick = (from: number, to: number) => Math.floor(from + next.next().value * (to - from + 1));
  return [
    { middle: 0.79, swing: 0.185, petals: pick(11, 15), strands: pick(17, 21), lobes: pick(30, 38) },
    { middle: 0.56, swing: 0.165, petals: pick(9, 13), strands: pick(15, 19), lobes: pick(22, 28) },
    { middle: 0.3, swing: 0.15, petals: pick(7, 10), strands: pick(12, 15), lobes: pick(15, 20) },
  ];
}

/** The guilloche of a root: strands that weave through three bands. Decoration, never proof. */
export function rosette(root: string, radius: number, finest = 3): string {
  const paths: string[] = [];
  for (const { middle, swing, petals, strands, lobes } of bandsOf(root)) {
    const points = lobes * 4 * finest;
    for (let strand = 0; strand < strands; strand++) {
      const phase = (strand / strands) * 2 * Math.PI;
      const line = Array.from({ length: points + 1 }, (_, at) => {
        const angle = (at / points) * 2 * Math.PI;
        const scallop = Math.cos(lobes * angle);
        const away = radius * (middle + 0.022 * scallop + swing * Math.cos(petals * angle + phase) * (0.8 + 0.2 * scallop));
        return `${(radius + away * Math.cos(angle)).toFixed(1)} ${(radius + away * Math.sin(angle)).toFixed(1)}`;
      });
      paths.push(`M${line.join("L")}`);
    }
  }
  return paths.join("");
}
