import type { AccountConfig } from "../../actors/desk/mod.ts";
import type { Configuration } from "../../config/schema.ts";
import { keySecretNames, secretPrefix } from "../../config/secret-names.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { systemDraws } from "../clock/system-clock.ts";
import type { Secret } from "../config/secret.ts";
import { KeyError, systemVenueClock } from "../venues/ccxt/mod.ts";
import { systemTimers } from "../venues/streams/mod.ts";
import type { WiredVenue } from "./compose.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { RunConfig } from "./run-config.ts";
import { wiredVenue } from "./wired-venue.ts";

/** Where a run's orders go: to the paper venues it was set up for, or over wires, one an account. */
export interface Traded {
  readonly config: RunConfig;
  readonly wires: readonly WiredVenue[];
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
export function atVenue(plain: RunConfig, { rulesOf, intervalMs }: VenueFacts): RunConfig {
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
  const desk = { ...ruled(first), mode: "rehearsal" as const, reconcile };
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
  const wires = [first, ...accounts].map((each) => wireTo(each, secrets));
  const facts = { rulesOf, intervalMs: reconcile.wiredInterval };
  return { config: atVenue(plain, facts), wires };
}

type TradedAccount = Pick<
  Configuration["accounts"][number],
  "venue" | "account" | "rest" | "stream" | "symbols"
>;

function wireTo(
  { venue, account, rest, stream, symbols }: TradedAccount,
  secrets: ReadonlyMap<string, Secret>,
): WiredVenue {
  if ((venue !== "kraken" && venue !== "coinbase") || rest === null || stream === null) {
    throw new CommandError(
      `Cannot trade on account "${venue}:${account}" over a wire: wanted kraken or coinbase, ` +
        "with its addresses",
      exitCode.badConfiguration,
    );
  }
  const names = keySecretNames({ venue, account });
  try {
    return wiredVenue({
      at: { venue, account },
      keys: {
        apiKey: revealed(secrets, names.apiKey),
        secret: revealed(secrets, names.secret),
      },
      symbols,
      urls: { rest },
      streamUrl: stream,
      clock: systemVenueClock,
      draws: systemDraws,
      timers: systemTimers,
    });
  } catch (cause) {
    if (!(cause instanceof KeyError)) throw cause;
    throw new CommandError(cause.message, exitCode.badConfiguration, { cause });
  }
}

function revealed(secrets: ReadonlyMap<string, Secret>, name: string): string {
  const secret = secrets.get(name);
  if (secret) return secret.reveal();
  throw new CommandError(
    `Cannot trade at a venue without its keys: wanted the secret ${secretPrefix}${name}`,
    exitCode.badConfiguration,
  );
}
