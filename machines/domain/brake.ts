export const brakeKinds = [
  "pause",
  "halt",
  "hold",
  "breaker",
  "coldStart",
  "mismatch",
  "poison",
  "supervision",
  "file",
  "foreignOrder",
] as const;
/** What put a brake on. */
export type BrakeKind = (typeof brakeKinds)[number];

/** Anything that stops new exposure. Outlives restart until its rule or the operator ends it (P8). */
export interface Brake {
  readonly brakeId: string;
  readonly kind: BrakeKind;
  /** "desk", a venue, an account key, or a symbol on an account. */
  readonly scope: string;
  readonly reason: string;
  readonly since: number;
  /** In words: what would release it. */
  readonly releasedBy: string;
}

/** The first brake that covers new exposure on this account and symbol, or undefined. */
export function brakeOn(
  brakes: readonly Brake[],
  account: string,
  symbol: string,
): Brake | undefined {
  const [venue = account] = account.split(":");
  const scopes = ["desk", venue, account, `${account}/${symbol}`];
  return brakes.find((brake) => scopes.includes(brake.scope));
}
