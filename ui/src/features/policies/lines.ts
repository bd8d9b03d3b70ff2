/** One line of a text, and whether the other text lacks it. */
export interface Line {
  text: string;
  differs: boolean;
}

/** The lines of `text`; those that `other` has as often do not differ, wherever they stand. */
export function against(text: string, other: string): Line[] {
  const left = new Map<string, number>();
  for (const line of other.split("\n")) left.set(line, (left.get(line) ?? 0) + 1);
  return text.split("\n").map((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return { text: line, differs: count <= 0 };
  });
}
