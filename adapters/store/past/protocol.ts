/** What a thread that looks into ledgers is asked, and answers. */
import type { Past } from "./past.ts";
import { PastUnknown, type Shelf } from "./shelf.ts";

type Method = (...args: never[]) => unknown;
type Asking = { [Name in keyof Past]: Past[Name] extends Method ? Name : never }[keyof Past];

/** What can be asked of a ledger's past. */
export type Question = Exclude<Asking, typeof Symbol.dispose | "index">;

/** Records that are indexed between two looks at what was asked. */
export const sliceRecords = 500;

/** Slices that a question waits for, so that what was just committed is in its answer. */
const slicesBefore = 8;

export interface PastRequest {
  readonly id: number;
  /** The desk's own where it is left out. */
  readonly ledger: string | undefined;
  /** `list` for the ledgers there are. */
  readonly question: Question | "list";
  readonly args: readonly unknown[];
}

/** How far an index goes, and how far its journal does. */
export interface Indexed {
  readonly seq: number;
  readonly of: number;
}

export type PastReply =
  | { readonly id: number; readonly answer: unknown; readonly indexed: Indexed }
  | { readonly id: number; readonly error: string; readonly isUnknown: boolean };

/** Asks the thread to let all files go; it says so by a 1 there. */
export interface PastEnd {
  readonly ended: SharedArrayBuffer;
}

/** What the thread is told first. */
export interface PastStart {
  readonly ledgerPath: string;
}

/** Answers a request; what goes wrong with it is an answer too. */
export function answered(shelf: Shelf, request: PastRequest): PastReply {
  const { id, ledger, question, args } = request;
  try {
    const past = shelf.open(ledger);
    if (question === "list") return { id, answer: shelf.list(), indexed: past.indexed() };
    for (let slice = 0; slice < slicesBefore; slice++) if (!past.index(sliceRecords)) break;
    const answer = (past[question] as (...given: readonly unknown[]) => unknown)(...args);
    return { id, answer, indexed: past.indexed() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { id, error: text, isUnknown: error instanceof PastUnknown };
  }
}
