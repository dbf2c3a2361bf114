/** Settings and results that the tests of standings share. */
import type { PositionResult, Standing, StandingChange } from "../standing.ts";
import type { StandingSettings } from "../standing-settings.ts";

export const hourMs = 3_600_000;

export function standingSettings(other: Partial<StandingSettings> = {}): StandingSettings {
  return {
    window: 10,
    minTrades: 5,
    least: 0.5,
    most: 1.5,
    disableBelow: 0.8,
    disabledMs: 100 * hourMs,
    minSessionTrades: 4,
    sessionLeast: 0.5,
    sessionMost: 1.5,
    ...other,
  };
}

/** Positions one after the other, each open for a minute from the start of an hour. */
export function closeAll(
  standing: Standing,
  votedBy: readonly string[],
  profitShares: readonly number[],
  openedAt = hourMs,
): readonly StandingChange[] {
  return profitShares.flatMap((profitShare) =>
    standing.closed(resultOf(votedBy, profitShare, openedAt)),
  );
}

export function resultOf(
  votedBy: readonly string[],
  profitShare: number,
  openedAt = hourMs,
): PositionResult {
  return { votedBy, profitShare, openedAt, closedAt: openedAt + 60_000 };
}
