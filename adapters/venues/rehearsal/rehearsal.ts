import type { CandleSource } from "../../../actors/market/ports.ts";
import { type Decimal, decimal } from "../../../machines/domain/decimal.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import { defaultMatchingSettings, type MatchingSettings } from "../matching/mod.ts";
import type { IdForm } from "./account.ts";
import { type OpeningBalances, VenueAccounts } from "./accounts.ts";
import { type RehearsalSpeed, VenueClock } from "./clock.ts";
import { uuidOf } from "./coinbase/ids.ts";
import { coinbaseInstrument } from "./coinbase/names.ts";
import { openCoinbase } from "./coinbase/open.ts";
import { RehearsalControl } from "./control.ts";
import { type ControlServer, serveControl } from "./control-server.ts";
import type { Meeting } from "./exchange.ts";
import { FaultScheduler } from "./faults/scheduler.ts";
import { TradingFloor } from "./floor.ts";
import { VenueServer } from "./http/server.ts";
import { krakenInstrument } from "./kraken/names.ts";
import { openKraken } from "./kraken/open.ts";
import { openMarket } from "./market/open-market.ts";
import { SymbolMarket } from "./market/symbol-market.ts";
import type { LimitTerms, OpenedVenue, OpenParts } from "./opened-venue.ts";

/** A venue whose wire format there is. */
interface VenueKind {
  readonly instrument: (symbol: string, tick: Decimal) => Instrument;
  readonly open: (parts: OpenParts) => OpenedVenue;
  readonly idForm?: IdForm;
}

const kinds = {
  kraken: { instrument: krakenInstrument, open: openKraken },
  coinbase: { instrument: coinbaseInstrument, open: openCoinbase, idForm: uuidOf },
} satisfies Record<string, VenueKind>;

export type RehearsalVenueName = keyof typeof kinds;
/** The venues that can be rehearsed. */
export const rehearsalVenues = Object.keys(kinds) as RehearsalVenueName[];

export interface RehearsalOptions {
  readonly venue: RehearsalVenueName;
  /** 0, the default, for a free one. */
  readonly port?: number;
  /** 0 for a free one; without it, control is in the process alone. */
  readonly controlPort?: number;
  /** Names market, ids and keys; "0" if not given. */
  readonly seed?: string;
  /** Venue milliseconds in a real one; 1 if not given. In lockstep only control moves time. */
  readonly speed?: RehearsalSpeed;
  /** Candles; a generated market if not given. The venue opens behind the first `history` of them. */
  readonly source?: CandleSource;
  readonly history?: number;
  /** When it opens on `source`, Unix milliseconds, at the earliest behind its past candles. */
  readonly openAt?: number;
  /** Orders meet the market at once, unless told to wait for its next point as in a paper run. */
  readonly meeting?: Meeting;
  /** What the main account opens with; 100,000 USD and 1 BTC if not given. */
  readonly balances?: OpeningBalances;
  /** Further accounts and what they open with; keys of them are made by the control channel. */
  readonly accounts?: Readonly<Record<string, OpeningBalances>>;
  /** Rules of symbols that are to differ from the venue's usual ones. */
  readonly instruments?: readonly Instrument[];
  readonly settings?: Partial<MatchingSettings>;
  /** Intermediate tier, all limits on; in lockstep off, since time would never clear them. */
  readonly limits?: LimitTerms;
  /** How far reads of orders and trades are behind, milliseconds of venue time; 0 if not given. */
  readonly readLagMs?: number;
  /** How far below the highest nonce another may be; 0, strictly rising, if not given. */
  readonly nonceWindow?: number;
  /** How many times sooner than the real one it closes streams that say nothing; 1 if not given. */
  readonly streamHaste?: number;
}

/** A venue at work on 127.0.0.1. */
export interface Rehearsal extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; streams are at the venue's own paths of the same port. */
  readonly url: string;
  /** Where the control channel is served, or null. */
  readonly controlUrl: string | null;
  readonly apiKey: string;
  readonly secret: string;
  readonly symbols: readonly string[];
  /** What its prices are, in words. */
  readonly description: string;
  readonly control: RehearsalControl;
}

/** When a venue in lockstep opens on a generated market: 2026-01-01. */
const lockstepOpenAt = 1_767_225_600_000;
/** How often a clock that runs moves the market, real milliseconds. */
const pulseMs = 50;

const usualBalances = { USD: decimal(100_000), BTC: decimal(1) };

function openAccounts(options: RehearsalOptions, seed: string, speed: RehearsalSpeed) {
  const { source, history, openAt } = options;
  const now = speed === "lockstep" ? lockstepOpenAt : Date.now();
  const opened = openMarket(seed, now, { source, history, openAt });
  const settings = { ...defaultMatchingSettings, ...options.settings };
  const { instrument: usual, idForm }: VenueKind = kinds[options.venue];
  const markets = opened.symbols.map(({ about, walk }) => {
    const own = options.instruments?.find(({ symbol }) => symbol === about.symbol);
    const instrument = own ?? usual(about.symbol, about.tick);
    return new SymbolMarket({
      instrument,
      walk,
      seed,
      spread: Math.max(1, settings.slippageTicks),
    });
  });
  const matching = {
    instruments: markets.map(({ instrument }) => instrument),
    balances: options.balances ?? usualBalances,
    settings,
  };
  const clock = new VenueClock(speed, opened.openAt);
  const meeting = options.meeting ?? "onArrival";
  const floor = new TradingFloor(clock, markets);
  const accounts = new VenueAccounts(floor, { matching, meeting, seed, idForm });
  for (const [name, balances] of Object.entries(options.accounts ?? {})) {
    accounts.open(name, balances);
  }
  return { floor, accounts, description: opened.description };
}

/**
 * Starts a venue on loopback: the matching engine behind real HTTP and WebSocket, in a venue's
 * wire format, with faults on demand. State is kept in memory only.
 *
 * @throws {RangeError} on options that make no sense, or an error of the system if a port is taken.
 */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { seed = "0", speed = 1, readLagMs = 0, nonceWindow = 0, streamHaste = 1 } = options;
  const { floor, accounts, description } = openAccounts(options, seed, speed);
  const faults = new FaultScheduler(() => floor.clock.now);
  const isLimited = !floor.clock.isLockstep;
  const limits = { rest: isLimited, engine: isLimited, ...options.limits };
  const parts = { accounts, faults, seed, limits, readLagMs, nonceWindow, streamHaste };
  const venue = kinds[options.venue].open(parts);
  const problems: string[] = [];
  const server = new VenueServer({
    wire: venue.wire,
    faults,
    port: options.port ?? 0,
    secondMs: secondOf(speed),
    catchUp: () => {
      floor.catchUp();
      return floor.clock.now;
    },
    onProblem: (problem) => {
      problems.push(problem instanceof Error ? (problem.stack ?? problem.message) : `${problem}`);
    },
  });
  const port = await server.listen();
  const control = new RehearsalControl({ floor, accounts, faults, venue, server, problems });
  const controlServer = await servedControl(control, server, options.controlPort);
  const pulse = floor.clock.isLockstep ? null : setInterval(() => floor.catchUp(), pulseMs);
  return {
    url: `http://127.0.0.1:${port}`,
    controlUrl: controlServer?.url ?? null,
    ...venue.credentials,
    symbols: [...floor.markets.keys()],
    description,
    control,
    [Symbol.asyncDispose]: async () => {
      if (pulse !== null) clearInterval(pulse);
      await controlServer?.close();
      await server.close();
    },
  };
}

/** Streams beat by the venue's time where that is faster than ours: clients judge silence by it. */
function secondOf(speed: RehearsalSpeed): number {
  return speed === "lockstep" ? 1_000 : Math.min(1_000, Math.max(10, 1_000 / speed));
}

/** Serves the control channel; where its port is taken, the venue is closed again. */
async function servedControl(
  control: RehearsalControl,
  server: VenueServer,
  port: number | undefined,
): Promise<ControlServer | null> {
  if (port === undefined) return null;
  try {
    return serveControl(control, port);
  } catch (error) {
    await server.close();
    throw error;
  }
}
