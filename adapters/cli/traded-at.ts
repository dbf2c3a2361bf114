import type { AccountConfig, DeskMode } from "../../actors/desk/mod.ts";
import type { Configuration } from "../../config/schema.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { systemDraws } from "../clock/system-clock.ts";
import type { Secret } from "../config/secret.ts";
import { KeyError, systemVenueClock } from "../venues/ccxt/mod.ts";
import { systemTimers } from "../venues/streams/mod.ts";
import { accountKeys, sharedKeys } from "./account-keys.ts";
import { assumedOfStandIn } from "./assumed.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { RunConfig } from "./run-config.ts";
import { accountStreams, type StreamedVenue, wiredVenue } from "./wired-venue.ts";

/** Where a run's orders go: to the paper venues it was set up for, or over wires, one an account. */
export interface Traded {
  readonly config: RunConfig;
  readonly wires: readonly StreamedVenue[];
}

/** The rules of a market's symbols as its venue tells them; of the run's first one for none. */
export type RulesOf = (market: string | undefined) => readonly Instrument[];

/** What a run takes of the venues that it trades at. */
export interface VenueFacts {
  readonly rulesOf: RulesOf;
  /** Between two readings of an account: others can reach it, so the beat is quicker. */
  readonly intervalMs: number;
}

/** A run at venues goes by those venues' own rules, and by the balances that it has there. */
export function atVenue(
  plain: RunConfig,
  { rulesOf, intervalMs }: VenueFacts,
  mode: DeskMode = "rehearsal",
): RunConfig {
  const { others = [], ...first } = plain.desk;
  const ruled = <Account extends AccountConfig>(account: Account): Account => ({
    ...account,
    symbols: account.symbols.map((traded) => {
      const { symbol } = traded.instrument;
      const instrument = rulesOf(account.market).find((each) => each.symbol === symbol);
      if (instrument) return { ...traded, instrument };
      throw new RangeError(`Cannot trade "${symbol}" at a venue without its rules`);
    }),
  });
  const reconcile = { ...first.reconcile, intervalMs };
  const desk = { ...ruled(first), mode, reconcile };
  return {
    ...plain,
    desk: others.length === 0 ? desk : { ...desk, others: others.map(ruled) },
    balances: {},
  };
}

/** @throws {CommandError} for keys that are missing or cannot work */
export function tradedAt(
  { mode, account, accounts, market, reconcile }: Configuration,
  secrets: ReadonlyMap<string, Secret>,
  plain: RunConfig,
  rulesOf: RulesOf,
): Traded {
  if (mode === "paper") return { config: plain, wires: [] };
  const first = { ...account, symbols: market.live.symbols };
  for (const [name, owner] of sharedKeys([first, ...accounts], secrets)) {
    throw new CommandError(
      `Cannot trade on account "${name}": its key is that of "${owner}", wanted one of its own`,
      exitCode.badConfiguration,
    );
  }
  const wires = [first, ...accounts].map((each) => wireTo(each, mode, secrets));
  const facts = { rulesOf, intervalMs: reconcile.wiredInterval };
  return { config: atVenue(plain, facts, mode), wires };
}

type TradedAccount = Pick<
  Configuration["accounts"][number],
  "venue" | "account" | "rest" | "stream" | "symbols"
> &
  Pick<Configuration["account"], "deadMansSwitch">;

function wireTo(
  { venue, account, rest, stream, symbols, deadMansSwitch }: TradedAccount,
  mode: DeskMode,
  secrets: ReadonlyMap<string, Secret>,
): StreamedVenue {
  // The venue's own addresses are for real money alone.
  const hasAddresses = mode === "live" || (rest !== null && stream !== null);
  if ((venue !== "kraken" && venue !== "coinbase") || !hasAddresses) {
    throw new CommandError(
      `Cannot trade on account "${venue}:${account}" over a wire: wanted kraken or coinbase, ` +
        "with its addresses",
      exitCode.badConfiguration,
    );
  }
  const given = accountKeys({ venue, account }, secrets);
  if (given.type === "missing") {
    throw new CommandError(
      `Cannot trade at a venue without its keys: wanted the secret ${given.variables[0]}`,
      exitCode.badConfiguration,
    );
  }
  const assumptions = assumedOfStandIn(mode, rest);
  try {
    return wiredVenue({
      at: { venue, account },
      keys: given.keys,
      symbols,
      ...(rest === null ? {} : { urls: { rest } }),
      streamUrl: stream ?? accountStreams[venue],
      ...(assumptions && { assumptions }),
      clock: systemVenueClock,
      draws: systemDraws,
      timers: systemTimers,
      ...(deadMansSwitch == null ? {} : { deadMansSwitchMs: deadMansSwitch }),
    });
  } catch (cause) {
    if (!(cause instanceof KeyError)) throw cause;
    throw new CommandError(cause.message, exitCode.badConfiguration, { cause });
  }
}
