/** How strategies declare what can be set about them. */

export interface ParameterRule {
  readonly standard: number;
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
  /** In plain words, with its unit. */
  readonly meaning: string;
}

export type ParameterRules = Readonly<Record<string, ParameterRule>>;

/** The values that go with the rules. */
export type ParametersOf<Rules extends ParameterRules> = {
  readonly [Name in keyof Rules]: number;
};

export function whole(
  standard: number,
  least: number,
  most: number,
  meaning: string,
): ParameterRule {
  return { standard, least, most, isWhole: true, meaning };
}

export function real(
  standard: number,
  least: number,
  most: number,
  meaning: string,
): ParameterRule {
  return { standard, least, most, isWhole: false, meaning };
}

/** The longest window: far more than a strategy has use for, and a bound on memory. */
export const barsMax = 2_000;

/** The values of all parameters where none is set. */
export function standardOf<Rules extends ParameterRules>(rules: Rules): ParametersOf<Rules> {
  const pairs = Object.entries(rules).map(([name, { standard }]) => [name, standard]);
  return Object.fromEntries(pairs) as ParametersOf<Rules>;
}

/** @throws {RangeError} for a value out of its bounds */
export function checkParameters<Rules extends ParameterRules>(
  strategy: string,
  rules: Rules,
  values: ParametersOf<Rules>,
): void {
  for (const [name, { least, most, isWhole }] of Object.entries(rules)) {
    const value = values[name];
    const fits = value !== undefined && value >= least && value <= most;
    if (fits && (!isWhole || Number.isInteger(value))) continue;
    throw new RangeError(
      `Cannot create strategy "${strategy}": ${name} is ${value}, ` +
        `wanted a ${isWhole ? "whole " : ""}number from ${least} to ${most}`,
    );
  }
}

/** Name and parameters in their declared order, such as "keltner:20:10:2:5". */
export function keyOf<Rules extends ParameterRules>(
  strategy: string,
  rules: Rules,
  values: ParametersOf<Rules>,
): string {
  return [strategy, ...Object.keys(rules).map((name) => values[name])].join(":");
}
