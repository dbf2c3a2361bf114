export const roles = ["view", "operate", "admin"] as const;
export type Role = (typeof roles)[number];

/** Whether a role may do what another one may. */
export function mayActAs(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Commands by which the operator settles what nothing proves. */
export const settlementNames = ["accept", "resolve", "claim", "cancelForeign"] as const;
export type SettlementName = (typeof settlementNames)[number];

/** Commands on one position: leaving it, and cancelling what still works of its entry. */
export const positionCommandNames = ["exit", "abandon"] as const;
export type PositionCommandName = (typeof positionCommandNames)[number];

export const commandNames = [
  "pause",
  "resume",
  "flatten",
  "halt",
  "hold",
  "release",
  "enable",
  "send",
  "jobStart",
  "jobCancel",
  ...positionCommandNames,
  ...settlementNames,
] as const;
export type CommandName = (typeof commandNames)[number];

/** What an operator asks of the desk, with who, why and a key that makes it happen once. */
export interface Command {
  readonly name: CommandName;
  readonly who: string;
  readonly role: Role;
  /** `hold`: an account, or a symbol on one. `release`: a brake's id.
   * `exit`, `abandon`: a position's id. `enable`: a strategy that is off. `accept`: an account, or null for the only one that differs.
   * `send`: an actor. `jobStart`: what to run, such as `optimize`. `jobCancel`: a job's id.
   * `resolve`: an intent. `claim`, `cancelForeign`: the venue's id of an order. Null for the others. */
  readonly target: string | null;
  /** `accept`: `coin`, and `difference` as the operator saw it. `resolve`: `fate` and, where it is
   * `placed`, `venueOrderId`. `claim`, `cancelForeign`: `account`, where two could be meant.
   * `send`: `event`, as JSON, and `expectedSeq`, the record that last changed the actor as it was seen.
   * `jobStart`: `args`, a JSON list of texts, and `folder`. */
  readonly details?: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly idempotencyKey: string;
}
