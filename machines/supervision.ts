/** What the root does about a child at fault: the arithmetic of supervision, as OTP has it. */

export interface SupervisionLimits {
  /** Turns of a child that may be undone within the window before it is restarted. */
  readonly faults: number;
  readonly faultWindowMs: number;
  /** Restarts within the window, beyond which it is given up: a brake and an alarm. */
  readonly restarts: number;
  readonly restartWindowMs: number;
  /** First pause before a restart; doubles with each, up to the most, less some jitter. */
  readonly backoffMs: number;
  readonly backoffMostMs: number;
}

/** Faults and restarts of one child, as far as they still count. */
export interface ChildRecord {
  readonly faults: readonly number[];
  readonly restarts: readonly number[];
  readonly state: "up" | "waiting" | "givenUp";
}

export type Verdict =
  | { readonly type: "tolerate" }
  | { readonly type: "restart"; readonly delayMs: number }
  | { readonly type: "giveUp" };

export const unblemished: ChildRecord = { faults: [], restarts: [], state: "up" };

/** Faults and restarts that are kept decide nothing beyond the first that is one too many. */
function newest(times: readonly number[], limit: number): readonly number[] {
  return times.slice(-(limit + 1));
}

/** A share from 0 to 1 that depends on the text alone: a replay waits as long as the run did. */
function share(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  }
  return (hash >>> 0) / 2 ** 32;
}

function within(times: readonly number[], at: number, windowMs: number): readonly number[] {
  return times.filter((time) => time > at - windowMs);
}

/** Counts a fault and says what follows from it. Times in Unix milliseconds. */
export function afterFault(
  name: string,
  before: ChildRecord,
  limits: SupervisionLimits,
  at: number,
): { readonly record: ChildRecord; readonly verdict: Verdict } {
  const recent = [...within(before.faults, at, limits.faultWindowMs), at];
  const faults = newest(recent, limits.faults);
  const restarts = within(before.restarts, at, limits.restartWindowMs);
  const { state } = before;
  if (state !== "up" || faults.length <= limits.faults) {
    return { record: { faults, restarts, state }, verdict: { type: "tolerate" } };
  }
  return restartOrGiveUp(name, { faults, restarts, state }, limits, at);
}

/** The restart itself failed: it counts as one, and the next is due, if there may be one. */
export function afterFailedRestart(
  name: string,
  before: ChildRecord,
  limits: SupervisionLimits,
  at: number,
): { readonly record: ChildRecord; readonly verdict: Verdict } {
  const restarts = [...within(before.restarts, at, limits.restartWindowMs), at];
  return restartOrGiveUp(name, { ...before, restarts }, limits, at);
}

function restartOrGiveUp(
  name: string,
  before: ChildRecord,
  limits: SupervisionLimits,
  at: number,
): { readonly record: ChildRecord; readonly verdict: Verdict } {
  const { restarts } = before;
  if (restarts.length >= limits.restarts) {
    return { record: { ...before, state: "givenUp" }, verdict: { type: "giveUp" } };
  }
  const full = Math.min(limits.backoffMs * 2 ** restarts.length, limits.backoffMostMs);
  const delayMs = Math.round(full * (0.5 + share(`${name}/${at}`) / 2));
  return { record: { ...before, state: "waiting" }, verdict: { type: "restart", delayMs } };
}

/** The child was started again from its last good snapshot: its faults are forgotten. */
export function afterRestart(before: ChildRecord, at: number): ChildRecord {
  return { faults: [], restarts: [...before.restarts, at], state: "up" };
}
