import type { Found } from "./row.ts";

/** Off by more than this is worth a word; off by more than the assumption, nothing is traded. */
const offsetMaxMs = 500;

/** Kraken tells whole seconds: its time is then half a second past what it says, on average. */
const wholeSecondMs = 1_000;

export interface TimeAsked {
  readonly venue: string;
  /** By this machine's clock, Unix milliseconds. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** By the venue's. */
  readonly told: number;
  /** How far the clocks may lie apart for a proof that an order was not placed to hold. */
  readonly skewMostMs: number;
}

/** How far this machine's clock is ahead of the venue's, and what the measurement leaves open. */
export function clockOffset({
  askedAt,
  answeredAt,
  told,
}: Pick<TimeAsked, "askedAt" | "answeredAt" | "told">): { offset: number; slack: number } {
  const rounding = told % wholeSecondMs === 0 ? wholeSecondMs / 2 : 0;
  const slack = (answeredAt - askedAt) / 2 + rounding;
  return { offset: (askedAt + answeredAt) / 2 - (told + rounding), slack };
}

/** How far this machine's clock is off the venue's, less what the measurement leaves open. */
export function clockFound({ venue, skewMostMs, ...asked }: TimeAsked): Found {
  const { offset, slack } = clockOffset(asked);
  const size = Math.abs(offset);
  const text =
    `The clock is ${Math.round(size)} ms (give or take ${Math.round(slack)} ms) ` +
    `${offset < 0 ? "behind" : "ahead of"} that of ${venue}`;
  const surely = size - slack;
  if (surely <= offsetMaxMs) return { severity: "ok", text };
  const cure = `Let NTP set this machine's clock (timedatectl set-ntp true, or chrony), to within ${skewMostMs} ms`;
  return { severity: surely > skewMostMs ? "critical" : "warning", text, cure };
}
