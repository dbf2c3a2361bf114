/** How a strategy's own results sway its weight, and when it is switched off. */
export interface StandingSettings {
  /** Closed positions of a strategy that are looked at, the latest; 1 to 10000. */
  readonly window: number;
  /** Closed positions of it from which on they sway its weight; 1 to `window`. */
  readonly minTrades: number;
  /** Bounds of what its weight is multiplied by: `least` 0.0001 to 1, `most` 1 to 2. */
  readonly least: number;
  readonly most: number;
  /** Profit factor (won over lost) over a full window below which it is off; 0 for never. */
  readonly disableBelow: number;
  /** How long it stays off unless the operator releases it; whole milliseconds, 1 or more. */
  readonly disabledMs: number;
  /** Closed positions that were opened in an hour of the day from which on they count; from 1. */
  readonly minSessionTrades: number;
  /** Bounds of what an entry's confidence is multiplied by in an hour: as `least` and `most`. */
  readonly sessionLeast: number;
  readonly sessionMost: number;
}

interface SettingRule {
  readonly isMet: (value: number, settings: StandingSettings) => boolean;
  readonly wanted: string;
}

const whole = (from: number, to: number): SettingRule => ({
  isMet: (value) => Number.isInteger(value) && value >= from && value <= to,
  wanted: `a whole number from ${from} to ${to}`,
});

const between = (from: number, to: number): SettingRule => ({
  isMet: (value) => value >= from && value <= to,
  wanted: `from ${from} to ${to}`,
});

// Not 0: what weighs nothing is never voted for, so that no result of it could ever lift it again.
const lower = between(0.0001, 1);
const upper = between(1, 2);

const rules: Readonly<Record<keyof StandingSettings, SettingRule>> = {
  window: whole(1, 10_000),
  minTrades: {
    isMet: (value, { window }) => Number.isInteger(value) && value >= 1 && value <= window,
    wanted: "a whole number from 1 to window",
  },
  least: lower,
  most: upper,
  disableBelow: { isMet: (value) => value >= 0 && value < Infinity, wanted: "0 or more" },
  disabledMs: whole(1, Number.MAX_SAFE_INTEGER),
  minSessionTrades: whole(1, Number.MAX_SAFE_INTEGER),
  sessionLeast: lower,
  sessionMost: upper,
};

const names = Object.keys(rules) as readonly (keyof StandingSettings)[];

/** @throws {RangeError} for settings under which a strategy could never rise, or never count */
export function checkStanding(settings: StandingSettings): void {
  for (const name of names) {
    const { isMet, wanted } = rules[name];
    if (isMet(settings[name], settings)) continue;
    throw new RangeError(
      `Cannot weigh strategies by results: ${name} is ${settings[name]}, wanted ${wanted}`,
    );
  }
}

/** The settings as text, the same whatever the order in which they were written. */
export function standingKey(settings: StandingSettings): string {
  return names.map((name) => `${name}=${settings[name]}`).join(",");
}
