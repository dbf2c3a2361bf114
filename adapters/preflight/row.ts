/** What a look before trading with real money finds. */
import { type Finding, type Severity, severities } from "../doctor/mod.ts";

/** What is looked at beside what the doctor looks at, in the order in which it is told. */
export const preflightChecks = [
  "mode",
  "switch",
  "notice",
  "cap",
  "keys",
  "venue",
  "venueClock",
  "rules",
  "keyRights",
  "balances",
  "orders",
  "validation",
] as const;
export type PreflightCheck = (typeof preflightChecks)[number];

/** A row of the table. */
export interface Row {
  readonly check: PreflightCheck | Finding["check"];
  /** `kraken:main`; null for what is of the desk as a whole. */
  readonly account: string | null;
  readonly severity: Severity;
  /** What is. */
  readonly text: string;
  /** Why it matters. */
  readonly means: string;
  /** What to do about it; null where there is nothing to do. */
  readonly cure: string | null;
  /** Whether it may pass by itself: then a start waits, and looks again. */
  readonly isTransient: boolean;
}

const meanings: Readonly<Record<PreflightCheck, string>> = {
  mode: "only a configuration with mode live can trade with real money",
  switch: "a file alone, copied or left over, must not be enough to trade",
  notice: "the operator knows what this version does not do yet",
  cap: "no more than this is ever at stake, whatever the strategies want",
  keys: "requests of the account are signed with them",
  venue: "orders and cancels reach it, and it takes them",
  venueClock: "what a lost request came to is proved by time; signatures carry it too",
  rules: "orders are made by the venue's ticks, lots and minimums",
  keyRights: "a key that leaks must not be able to take the money",
  balances: "entries are sized by them, and the ledger is compared with them",
  orders: "the cold-start gate reads them before anything is sent",
  validation: "the venue itself says that it would take an order of this desk",
};

export type Found = Pick<Row, "severity" | "text"> &
  Partial<Pick<Row, "cure" | "isTransient" | "account">>;

export function row(check: PreflightCheck, found: Found): Row {
  const means = meanings[check];
  return { account: null, cure: null, isTransient: false, ...found, check, means };
}

const doctorMeans = "the desk stands on it, whatever it trades with";

/** What the doctor found, as a row. */
export function doctorRow(finding: Finding): Row {
  return { ...finding, account: null, means: doctorMeans, isTransient: false };
}

/** Rows with which nothing is to be traded. */
export function failing(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ severity }) => severity === "critical");
}

/** The gravest severity of them; ok of none. */
export function worstOfRows(rows: readonly Row[]): Severity {
  const ranks = rows.map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(0, ...ranks)] ?? "ok";
}
