// What looks at the page. A module of its own: it is fetched once the page has loaded.
import { record } from "@rrweb/record";
import { canvases } from "./canvases";

export type Event = Parameters<NonNullable<NonNullable<Parameters<typeof record>[0]>["emit"]>>[0];

export interface Looking {
  /** Reports all of the page once more. */
  anew: () => void;
}

const MASKED = "[masked in the page]";

/** Reports the page as it is, and each change of it. */
export function look(masked: string, withCanvases: boolean, keep: (event: Event) => void): Looking {
  record({
    emit: keep,
    maskAllInputs: true,
    ...(masked === "" ? {} : { maskTextSelector: masked, maskTextFn: (text: string) => (text.trim() === "" ? text : MASKED) }),
    maskInputOptions: {
      color: true, date: true, "datetime-local": true, email: true, month: true, number: true, range: true, search: true,
      tel: true, text: true, time: true, url: true, week: true, textarea: true, select: true, password: true,
      // A page sets the token in one by a program, too.
      hidden: true,
    } as NonNullable<NonNullable<Parameters<typeof record>[0]>["maskInputOptions"]>,
    inlineStylesheet: true,
    recordCanvas: false,
    collectFonts: false,
    slimDOMOptions: { script: true, comment: true },
    sampling: { mousemove: 100, scroll: 150, input: "last" },
  });
  if (withCanvases) canvases((node) => record.mirror.getId(node), keep);
  return { anew: () => record.takeFullSnapshot() };
}
