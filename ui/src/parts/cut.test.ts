import { expect, test } from "vitest";
import { cutOf, edgeBytes, pathOf } from "./cut";

const HEX = "9f3ac17e04bd77e261d05b8890ce13fab24e7710d9c2485f0a6e31b7fd925c88";

test("the edge is read from the first eight bytes of the digest, in hex or in base64url", () => {
  expect(edgeBytes(HEX)).toEqual([0x9f, 0x3a, 0xc1, 0x7e, 0x04, 0xbd, 0x77, 0xe2]);
  const base64url = Buffer.from(HEX, "hex").toString("base64url");
  expect(edgeBytes(base64url)).toEqual(edgeBytes(HEX));
  expect(edgeBytes(`sha256:${HEX}`)).toEqual(edgeBytes(HEX));
});

test("the same request has the same cut, another request another one", () => {
  const cut = (id: string) => pathOf(cutOf(edgeBytes(id), 22, 112));
  expect(cut(HEX)).toBe(cut(HEX));
  expect(cut(HEX)).not.toBe(cut(`0${HEX.slice(1)}`));
});

test("the cut goes from top to bottom, never up, and stays inside", () => {
  for (let seed = 0; seed < 200; seed++) {
    const points = cutOf(
      Array.from({ length: 8 }, (_, at) => (seed * 37 + at * 91) % 256),
      22,
      112,
    );
    expect(points[0]?.[1]).toBe(0);
    expect(points.at(-1)?.[1]).toBe(112);
    points.forEach(([x, y], at) => {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(22);
      expect(y).toBeGreaterThanOrEqual(points[at - 1]?.[1] ?? 0);
    });
  }
});
