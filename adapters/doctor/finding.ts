/** What an examination finds. */

/** From the best on. */
export const severities = ["ok", "note", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What is looked at, in the order in which it is told. */
export const checks = [
  "clock",
  "clockHistory",
  "disk",
  "flush",
  "permissions",
  "versions",
  "configuration",
  "lease",
  "ledger",
  "archives",
  "journalHead",
  "chain",
  "actors",
  "books",
  "brakes",
  "live",
] as const;
export type Check = (typeof checks)[number];

export interface Finding {
  readonly check: Check;
  readonly severity: Severity;
  /** What is, in words. */
  readonly text: string;
  /** What to do about it; null where there is nothing to do. */
  readonly cure: string | null;
}

export function found(
  check: Check,
  severity: Severity,
  text: string,
  cure: string | null = null,
): Finding {
  return { check, severity, text, cure };
}

/** The gravest severity of them; ok of none. */
export function worstOf(findings: readonly Finding[]): Severity {
  const ranks = findings.map(({ severity }) => severities.indexOf(severity));
  return severities[Math.max(0, ...ranks)] ?? "ok";
}
