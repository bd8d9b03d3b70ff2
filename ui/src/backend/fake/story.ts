import type { World } from "./world";

export interface Story {
  /** The page it opens. */
  page: string;
  person: "mara" | "tomasz" | "ines" | "ben";
  change?: (world: World) => void;
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
