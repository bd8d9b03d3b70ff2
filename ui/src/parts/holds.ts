import type { Role } from "../backend/wire";

/** Whether somebody has one of these roles; nobody has none of them. */
export const holds = (person: { roles: string[] } | null | undefined, ...roles: [Role, ...Role[]]): boolean =>
  roles.some((role) => person?.roles.includes(role));

/** Who may end what others do. */
export const mayEnd = (person: { roles: string[] } | null | undefined): boolean => holds(person, "approver", "reviewer", "administrator");
