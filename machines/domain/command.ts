export const roles = ["view", "operate", "admin"] as const;
export type Role = (typeof roles)[number];

/** Whether a role may do what another one may. */
export function mayActAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

export const commandNames = [
  "pause",
  "resume",
  "flatten",
  "halt",
  "hold",
  "release",
  "enable",
] as const;
export type CommandName = (typeof commandNames)[number];

/** What an operator asks of the desk, with who, why and a key that makes it happen once. */
export interface Command {
  readonly name: CommandName;
  readonly who: string;
  readonly role: Role;
  /** `hold`: an account, or a symbol on one. `release`: a brake's id.
   * `enable`: a strategy that is off. Null for the others. */
  readonly target: string | null;
  readonly reason: string;
  readonly idempotencyKey: string;
}
