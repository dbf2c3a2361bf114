import type { Configuration } from "../../config/schema.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { StartOptions } from "./start.ts";

/** Where prices come from. */
export type Market = "generator" | "candles" | "recording" | "live";

/** An option of another market would be without effect, and is more likely a mistake. */
export function refuseForeignOptions(options: StartOptions, market: Market): void {
  const { candles, recording, symbol, timeframe, book, correlation, gaps } = options;
  const given: readonly (readonly [string, Market, boolean])[] = [
    ["--candles", "candles", candles.length > 0],
    ["--symbol", "candles", symbol.length > 0 && market !== "recording"],
    ["--timeframe", "candles", timeframe.length > 0 && market !== "recording"],
    ["--recording", "recording", recording.length > 0],
    ["--book", "generator", book],
    ["--correlation", "generator", correlation !== undefined],
    ["--gaps", "generator", gaps !== undefined],
  ];
  for (const [name, home, isGiven] of given) {
    if (!isGiven || home === market) continue;
    throw new CommandError(
      `Cannot take "${name}" with "--market ${market}": wanted "--market ${home}"`,
      exitCode.usage,
    );
  }
}

/** A venue on a wire loses and delays what it does, and nothing by plan. */
export function refuseFaultsOverWire({ faults }: StartOptions, { mode }: Configuration): void {
  if (faults === "none" || mode === "paper") return;
  throw new CommandError(
    `Cannot take "--faults ${faults}" while mode is ${mode}: wanted mode paper, or ` +
      `"novactor rehearse --faults ${faults}", whose venue has faults over real sockets`,
    exitCode.usage,
  );
}
