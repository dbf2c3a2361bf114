import type { Bench, Capability } from "./bench.ts";
import type { Subject } from "./subjects.ts";

/** One numbered piece of behaviour that every venue adapter shows alike. */
export interface ConformanceCase {
  /** `C01`; a number is never given again. */
  readonly id: string;
  /** What holds, in the present tense. */
  readonly title: string;
  /** A subject that lacks one of these is told as "not offered", with its reason. */
  readonly needs?: readonly Capability[];
  /** Throws where it does not hold. */
  readonly run: (bench: Bench, subject: Subject) => Promise<void>;
}

/** What a case came to on a subject. */
export type Outcome =
  | { readonly type: "passed" }
  | { readonly type: "notOffered"; readonly reason: string }
  | { readonly type: "failed"; readonly error: unknown };

/** Runs one case on one subject, on a venue of its own. */
export async function runCase(each: ConformanceCase, subject: Subject): Promise<Outcome> {
  for (const need of each.needs ?? []) {
    const reason = subject.lacks[need];
    if (reason !== undefined) return { type: "notOffered", reason };
  }
  try {
    await using bench = await subject.open();
    await each.run(bench, subject);
    return { type: "passed" };
  } catch (error) {
    return { type: "failed", error };
  }
}
