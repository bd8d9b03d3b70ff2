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
}

function bandsOf(text: string): Band[] {
  const next = numbers(seedOf(text));
  const pick = (from: number, to: number) => Math.floor(from + next.next().value * (to - from + 1));
  return [
    { middle: 0.86, swing: 0.13, petals: pick(26, 38), strands: pick(9, 12) },
    { middle: 0.6, swing: 0.15, petals: pick(18, 28), strands: pick(8, 11) },
    { middle: 0.33, swing: 0.16, petals: pick(13, 20), strands: pick(6, 9) },
  ];
}

/** The guilloche of a root: strands that weave through three bands. Decoration, never proof. */
export function rosette(root: string, radius: number, finest = 3): string {
  const paths: string[] = [];
  for (const { middle, swing, petals, strands } of bandsOf(root)) {
    const points = petals * 4 * finest;
    for (let strand = 0; strand < strands; strand++) {
      const phase = (strand / strands) * 2 * Math.PI;
      const line = Array.from({ length: points + 1 }, (_, at) => {
        const angle = (at / points) * 2 * Math.PI;
        const away = radius * (middle + swing * Math.cos(petals * angle + phase) * (0.82 + 0.18 * Math.cos(3 * angle)));
        return `${(radius + away * Math.cos(angle)).toFixed(1)} ${(radius + away * Math.sin(angle)).toFixed(1)}`;
      });
      paths.push(`M${line.join("L")}`);
    }
  }
  return paths.join("");
}
