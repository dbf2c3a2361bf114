import type { Frame } from "./frame.ts";

/** Names of what a plane says of its frames together, in their order among its features. */
export const confluenceNumberNames: readonly string[] = [
  ...["leaning", "frames", "highest", "strategies", "confidence", "rewardToRisk"],
  ...["spreadShare", "bookScore", "gapShare", "session"],
];

const ownNames = ["score", "regime", "adx", "relativeVolatility", "range"];

/** Names of what one frame says, its strategies' opinions last: `score@300s`. */
export function frameNumberNames(frameMs: number, strategies: readonly string[]): string[] {
  return [...ownNames, ...strategies].map((name) => `${name}@${frameMs / 1_000}s`);
}

/** What one frame says, in the order of `frameNumberNames`. */
export function frameNumbers(frame: Frame): number[] {
  const { score, regime, range } = frame;
  return [score, regime.regime, regime.adx, regime.relative, range, ...frame.opinions()];
}
