import { z } from "zod";
import type { Kind } from "./kinds.ts";
import { rowSeparator } from "./tree.ts";

/**
 * What a change of a key does to a running desk: `safe` takes effect at once, `restart` when the
 * process starts again on the same ledger, `newLedger` only in a run of its own.
 */
export type Reload = "safe" | "restart" | "newLedger";

export interface KeyFacts {
  /** What a value may be, to follow "wanted". */
  readonly wanted: string;
  readonly suggest?: (text: string) => string | undefined;
  /** Set where every number that it takes is a whole one. */
  readonly isWhole?: true;
  /** In plain words, with its unit. */
  readonly about: string;
  /** Whether a decision can come out otherwise by it; then it is part of the hash. */
  readonly sways: boolean;
  readonly reload: Reload;
  /** Why a change is or is not safe, to follow "because" or to stand alone. */
  readonly reason: string;
}

/** What is known of every key beyond its type. */
export const keyFacts = z.registry<KeyFacts>();

type Effect = Pick<KeyFacts, "sways" | "reload" | "reason">;

/** Sways decisions, and what is decided from now on may be decided by another value. */
export function safe(reason: string): Effect {
  return { sways: true, reload: "safe", reason };
}

/** Sways no decision; taken up at once. */
export function aside(reason: string): Effect {
  return { sways: false, reload: "safe", reason };
}

/** Sways no decision; taken up when the process starts. */
export function atStart(reason: string): Effect {
  return { sways: false, reload: "restart", reason };
}

/** What the run is: with another value it is another run. */
export function ofTheRun(reason: string): Effect {
  return { sways: true, reload: "newLedger", reason };
}

/** What a text says to a kind, or what the kind wants. */
function readBy<T>({ read, wanted }: Kind<T>) {
  return (text: string, context: z.core.$RefinementCtx<string>): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: wanted });
    return z.NEVER;
  };
}

function factsOf<T>(
  { wanted, suggest, isWhole }: Kind<T>,
  about: string,
  effect: Effect,
): KeyFacts {
  return { wanted, about, ...effect, ...(suggest && { suggest }), ...(isWhole && { isWhole }) };
}

/** A key with a single value. */
export function key<T>(kind: Kind<T>, about: string, effect: Effect) {
  const schema = z.string().transform(readBy(kind));
  return schema.describe(about).register(keyFacts, factsOf(kind, about, effect));
}

/**
 * A key whose value is a row: `1, 5, 15` wherever there is only text, and in a file also the list
 * `[1, 5, 15]`.
 */
export function rowKey<T>(kind: Kind<T>, about: string, effect: Effect) {
  // A comma within an item would make it two.
  const items = z.array(z.string().regex(/^[^,]*$/)).transform((texts) => texts.join(rowSeparator));
  const schema = z.union([z.string(), items]).transform(readBy(kind));
  return schema.describe(about).register(keyFacts, factsOf(kind, about, effect));
}

/** A key with a list of maps. */
export function list<T extends z.ZodType>(item: T, most: number, about: string, effect: Effect) {
  const wanted = `a list of at most ${most} maps, each line of it begun with "- "`;
  return z
    .array(item)
    .max(most)
    .describe(about)
    .register(keyFacts, { wanted, about, ...effect });
}
