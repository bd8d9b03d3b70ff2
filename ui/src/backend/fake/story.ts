import type { World } from "./world";

export interface Story {
  /** The page it opens. */
  page: string;
  person: "mara" | "tomasz" | "ines" | "ben";
  change?: (world: World) => void;
  /** What is pressed, or typed into, before the state is reached: test ids, in order. A line's end is Enter. */
  steps?: [testid: string, text?: string][];
}

/** In milliseconds: a busy machine shows a page late. */
const PATIENCE = 12_000;

/** Goes the story's steps in the page that is shown, each as soon as it can be gone. */
export async function walk(story: Story | undefined) {
  delete document.documentElement.dataset.told;
  for (const [testid, text] of story?.steps ?? []) {
    let element: HTMLElement | null = null;
    const begun = performance.now();
    while (!element && performance.now() - begun < PATIENCE) {
      await new Promise((done) => setTimeout(done, 10));
      const found = document.querySelector<HTMLElement>(`[data-testid="${testid}"]:not([disabled])`);
      // What is about to be taken away by an answer that is still on its way is not pressed.
      if (found) await new Promise((done) => setTimeout(done, 60));
      element = found?.isConnected ? found : null;
    }
    if (element && text !== undefined) typed(element as HTMLInputElement, text);
    // A click of a script at a switch's name is one at the switch as well, and turns it back.
    else (element?.querySelector<HTMLElement>("[role=switch]") ?? element)?.click();
  }
  document.documentElement.dataset.told = "all";
}

function typed(field: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, text: string) {
  const kind = [HTMLTextAreaElement, HTMLSelectElement].find((one) => field instanceof one) ?? HTMLInputElement;
  field.focus();
  Object.getOwnPropertyDescriptor(kind.prototype, "value")?.set?.call(field, text.trimEnd());
  field.dispatchEvent(new Event(kind === HTMLSelectElement ? "change" : "input", { bubbles: true }));
  // The page has to have taken what was typed.
  if (text.endsWith("\n"))
    setTimeout(() => field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })), 30);
}

export const offline = (world: World) => Object.assign(world.state.status, { audit: "unreachable" });

/** Names and texts as long as people make them. */
export const long = (world: World) => {
  const name = "Koninklijke Nederlandsche Stoomboot-Maatschappij Noord-Holland";
  const person = "Maximiliane-Charlotte von Wittgenstein-Hohenberg";
  const ticket = "KP-48213-ESCALATED-2026";
  const justification = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft ".repeat(8);
  for (const one of [...world.mine, ...world.inbox, ...world.decided]) {
    Object.assign(one, {
      organization: { id: one.organization.id, name },
      ticket,
      justification,
      scope: "read-write",
      durationSeconds: 5400,
    });
    Object.assign(one.left, { name: person });
    for (const half of one.right) Object.assign(half, { name: person, comment: justification });
  }
  for (const one of world.sessions)
    Object.assign(one, { organization: { id: one.organization.id, name }, name: person, ticket, approvers: [person] });
  for (const one of world.doors)
    Object.assign(one, {
      organization: { id: one.organization.id, name },
      ticket,
      reason: "customer-reported-problem",
      scope: "administer",
    });
  if (world.state.person) world.state.person.name = person;
  world.state.operator = name;
};
