/** What all indicators have in common; each one's `update` takes only the numbers it needs. */
export interface Indicator {
  /**
   * Name and parameters, such as "macd:12:26:9": two indicators of one key that saw the same
   * candles hold the same bits, and a saved state is only taken back by the same key.
   */
  readonly key: string;
  /** How many updates it takes until every output is defined; before, outputs are NaN. */
  readonly warmup: number;
}

/** The longest window: 10,000 one-minute candles are a week. A bound on memory, not on sense. */
export const periodLimit = 10_000;

/** Refuses a period that is not a whole number of bars. @throws {RangeError} */
export function checkPeriod(key: string, name: string, period: number, least = 1): void {
  if (!Number.isInteger(period) || period < least || period > periodLimit) {
    throw new RangeError(
      `Cannot create indicator "${key}": ${name} is ${period}, ` +
        `wanted a whole number from ${least} to ${periodLimit}`,
    );
  }
}

/** Refuses a factor that is not a positive number. @throws {RangeError} */
export function checkFactor(key: string, name: string, factor: number): void {
  if (!(factor > 0 && factor <= 1_000)) {
    throw new RangeError(
      `Cannot create indicator "${key}": ${name} is ${factor}, wanted above 0, at most 1000`,
    );
  }
}

/** Refuses two periods in the wrong order. @throws {RangeError} */
export function checkShorter(key: string, name: string, shorter: number, longer: number): void {
  if (!(shorter < longer)) {
    throw new RangeError(
      `Cannot create indicator "${key}": ${name} is ${shorter}, wanted less than ${longer}`,
    );
  }
}

/**
 * What TA-Lib takes for zero in a smoothed sum of prices. In a market that stands still such sums
 * halve every few bars and never reach 0; ratios of what is left would be noise, and in the end
 * infinite.
 */
export const negligible = 1e-14;
