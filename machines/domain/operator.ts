import type { Role } from "./command.ts";

/** A key by which an operator, or a machine of theirs, is let in. What lets in is not in it. */
export interface OperatorKey {
  /** Its public part: twelve hexadecimal digits. */
  readonly id: string;
  /** Stands in the record of actions; no two keys that are not revoked share one. */
  readonly name: string;
  readonly role: Role;
  /** Unix milliseconds of the machine's clock, as all times here. */
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

/** A browser that was let in by a key. */
export interface OperatorSession {
  /** To name it by; it lets nobody in. */
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
  readonly role: Role;
  readonly from: string;
  readonly createdAt: number;
  readonly seenAt: number;
  /** After which it has ended, however much it is used. */
  readonly endsAt: number;
}

export const actionOutcomes = ["done", "refused", "failed"] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/** What somebody did or tried, whichever way they came. */
export interface Action {
  readonly at: number;
  /** A key's name, or a user of the machine. */
  readonly who: string;
  readonly role: Role;
  /** `command.pause`, `session.begin`, `key.create`. */
  readonly what: string;
  readonly target: string | null;
  /** `shell`, or an address and what kind of program asked. */
  readonly from: string;
  readonly outcome: ActionOutcome;
  /** In words; never a secret. */
  readonly text: string;
}

/** An action as it is kept; ids rise. */
export interface RecordedAction extends Action {
  readonly id: number;
}

/** Which actions to list, newest first; what is left out is not asked for. */
export interface ActionFilter {
  readonly who?: string | undefined;
  readonly what?: string | undefined;
  readonly outcome?: ActionOutcome | undefined;
  /** Only actions before this id: the last one of the page before. */
  readonly before?: number | undefined;
}

/** How long a name of a key may be, and of what. */
export const operatorName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,31}$/u;
