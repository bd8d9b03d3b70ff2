// The sample people. `employee_id` is the directory's immutable id of a human being: Mara's two accounts share hers.
export const PEOPLE = [
  { account: "mara", name: "Mara Lindqvist", employee_id: "e-1041", roles: ["engineer"], title: "Support engineer" },
  { account: "tomasz", name: "Tomasz Wieczorek", employee_id: "e-1007", roles: ["approver"], title: "Team lead, Support" },
  { account: "adaeze", name: "Adaeze Obi", employee_id: "e-1012", roles: ["approver"], title: "Head of Support" },
  { account: "ines", name: "Ines Carvalho", employee_id: "e-1023", roles: ["reviewer"], title: "Privacy and audit" },
  { account: "ben", name: "Ben Okafor", employee_id: "e-1002", roles: ["administrator"], title: "IT administrator" },
  { account: "sofia", name: "Sofia Marchetti", employee_id: "e-1003", roles: ["administrator"], title: "IT administrator" },
  {
    account: "mara.admin",
    name: "Mara Lindqvist",
    employee_id: "e-1041",
    roles: ["engineer", "approver"],
    title: "Support engineer, second account",
  },
];

export const personOf = (account) => PEOPLE.find((person) => person.account === account);

export const claimsOf = (person) => ({
  sub: person.account,
  name: person.name,
  employee_id: person.employee_id,
  countersign_roles: person.roles,
});
