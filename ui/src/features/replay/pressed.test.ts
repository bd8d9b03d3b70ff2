import { expect, test } from "vitest";
import { marksUnder } from "./pressed";

const [EMAIL, BORN] = ["7f3a91c2d0b4e6f8", "b81d5530f4c2996e"];

/** A frame at 100, 50 that is drawn at half its size, over one element at 40, 20. */
function frame(html: string) {
  const root = document.createElement("div");
  root.innerHTML = html;
  const at: number[][] = [];
  const contentDocument = {
    elementFromPoint: (x: number, y: number) => {
      at.push([x, y]);
      return x === 40 && y === 20 ? root.firstElementChild : null;
    },
  };
  const box = { left: 100, top: 50, width: 400 };
  return { at, frame: { offsetWidth: 800, getBoundingClientRect: () => box, contentDocument } as unknown as HTMLIFrameElement };
}

test("what is pressed on a page that is drawn smaller is what stands there", () => {
  const page = frame(`<p>[masked e-mail ${EMAIL}] [masked e-mail ${EMAIL}]</p>`);
  expect(marksUnder(page.frame, 120, 60)).toEqual([EMAIL]);
  expect(page.at).toEqual([[40, 20]]);
  expect(marksUnder(page.frame, 121, 60)).toEqual([]);
});

test("fields count, and what is below does not", () => {
  expect(marksUnder(frame(`<input value="[masked date of birth ${BORN}]">`).frame, 120, 60)).toEqual([BORN]);
  expect(marksUnder(frame(`<main><p>[masked e-mail ${EMAIL}]</p></main>`).frame, 120, 60)).toEqual([]);
});
