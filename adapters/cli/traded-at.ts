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

/** Where a run's orders go: to the paper venue it was set up for, or over a wire. */
export interface Traded {
  readonly config: RunConfig;
  readonly wire: WiredVenue | null;
}

/** A run at a venue goes by that venue's own rules, and by the balances that it has there. */
export function atVenue(plain: RunConfig, instruments: readonly Instrument[]): RunConfig {
  const symbols = plain.desk.symbols.map(({ timeframeMs }, index) => {
    const instrument = instruments[index];
    if (!instrument) throw new RangeError("Cannot trade at a venue without its symbols' rules");
    return { instrument, timeframeMs };
  });
  return { ...plain, desk: { ...plain.desk, mode: "rehearsal", symbols }, balances: {} };
}

/** @throws {CommandError} for keys that are missing or cannot work */
export function tradedAt(
  { mode, account, market }: Configuration,
  secrets: ReadonlyMap<string, Secret>,
  plain: RunConfig,
  instruments: readonly Instrument[],
): Traded {
  const { venue, rest, stream } = account;
  if (mode === "paper" || venue === "paper" || rest === null || stream === null) {
    return { config: plain, wire: null };
  }
  const config = atVenue(plain, instruments);
  const names = keySecretNames(account);
  try {
    const wire = wiredVenue({
      at: { venue, account: account.account },
      keys: {
        apiKey: revealed(secrets, names.apiKey),
        secret: revealed(secrets, names.secret),
      },
      symbols: market.live.symbols,
      urls: { rest },
      streamUrl: stream,
      clock: systemVenueClock,
      draws: systemDraws,
      timers: systemTimers,
    });
    return { config, wire };
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
