import type { Configuration } from "../../config/schema.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { liveClock } from "../clock/live-clock.ts";
import type { Log } from "../log/mod.ts";
import { type LiveNotice, liveSource } from "../simulation/live-timeline.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import {
  binanceLiveMarket,
  coinbaseLiveMarket,
  krakenLiveMarket,
  type LiveMarket,
  type LiveMarketOptions,
} from "../venues/streams/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { KnownRules } from "./known-rules.ts";
import { liveNotices } from "./live-notices.ts";
import { drainOnSignals } from "./signals.ts";
import type { OpenedSource } from "./sources.ts";
import { unreachedCure, waitMs, waitUnless } from "./waiting.ts";

type LiveMarketSettings = Configuration["market"]["live"];

/** Where each venue streams its market, and what it is called. */
const venues = {
  kraken: { title: "Kraken", stream: "wss://ws.kraken.com/v2" },
  coinbase: { title: "Coinbase Advanced", stream: "wss://advanced-trade-ws.coinbase.com" },
  binanceus: { title: "Binance.US", stream: "wss://stream.binance.us:9443/ws" },
} as const;

/** Bars of the past that a new desk hears: its longest frames want some hundreds. */
const pastBars = 700;

/** For a venue's first answer where the desk can go on without it, milliseconds. */
const patienceMs = 3_000;

interface LiveOptions {
  readonly market: Configuration["market"];
  readonly say: (text: string) => void;
  readonly onNotice: (notice: LiveNotice) => void;
  /** The rules that the ledger goes by already; null where it has none for these symbols. */
  readonly known: readonly Instrument[] | null;
  /** Ends the wait for a venue that cannot be reached. */
  readonly isStopped: () => boolean;
}

/** The markets that accounts beside the first go by, by their venue's name. */
export type MarketsBeside = ReadonlyMap<string, OpenedSource<TimelineSource>>;

/** Opens them all at once; null where a signal ended the wait for one of their venues. */
export async function openMarketsBeside(
  { market, accounts }: Pick<Configuration, "market" | "accounts">,
  told: Told,
): Promise<MarketsBeside | null> {
  const beside = [...Map.groupBy(accounts, ({ prices }) => prices)].flatMap(([venue, traders]) =>
    venue === "market" ? [] : [{ venue, traders }],
  );
  const opened = await Promise.all(
    beside.map(async ({ venue, traders }) => {
      const [first] = traders;
      const symbols = [...new Set(traders.flatMap((each) => each.symbols))];
      const live = {
        ...{ venue, symbols },
        ...{ rest: first?.pricesRest ?? null, stream: first?.pricesStream ?? null },
      };
      const source = await openLiveUnlessStopped({ ...market, live }, told, venue);
      return source && ([venue, source] as const);
    }),
  );
  const reached = opened.filter((each) => each !== null);
  return reached.length < opened.length ? null : new Map(reached);
}

/** Who is told of the wait for a venue, and what can be done without it. */
export interface Told {
  readonly say: (text: string) => void;
  readonly log: Log;
  readonly rules: KnownRules;
  /** Ends the waits for all venues, once one of them is none to be waited for. */
  readonly given: AbortController;
}

/** The live market; null where a signal ended the wait for its venue. */
export async function openLiveUnlessStopped(
  market: Configuration["market"],
  { say, log, rules, given }: Told,
  name?: string,
): Promise<OpenedSource<TimelineSource> | null> {
  let isSignalled = false;
  const signals = drainOnSignals(() => {
    isSignalled = true;
  });
  const told = (text: string) => {
    say(text);
    log.write({ level: "warn", event: "market.waiting", message: text, actor: "desk" });
  };
  const onNotice = liveNotices(venues[market.live.venue].title, say, log);
  const known = rules(name, market.live.symbols);
  const isStopped = () => isSignalled || given.signal.aborted;
  try {
    const opened = await openLive({ market, say: told, onNotice, known, isStopped });
    if (opened === null && isSignalled) {
      say("stopped before the venue was reached: nothing was begun");
    }
    return opened;
  } catch (error) {
    given.abort();
    throw error;
  } finally {
    signals.stop();
  }
}

/**
 * A live venue's market. Where the venue cannot be reached it says so and keeps trying; a ledger
 * that knows the rules goes on meanwhile, and its streams are what keeps trying. Null if it was
 * stopped before. There is never another price than the venue's own.
 *
 * @throws {CommandError} for symbols or bars that the venue does not have
 */
async function openLive(options: LiveOptions): Promise<OpenedSource<TimelineSource> | null> {
  const { market, onNotice } = options;
  const { live, timeframe: timeframeMs } = market;
  const { venue, symbols, rest } = live;
  checkTimeframe(venue, timeframeMs);
  const publicMarket = new PublicMarket({ venue, symbols, ...(rest && { urls: { rest } }) });
  const instruments = await reached(publicMarket, live, options);
  if (instruments === null) return null;
  const clock = liveClock();
  const identity = { kind: "live", venue, symbols: symbols.join(","), timeframeMs };
  const minutes = timeframeMs / 60_000;
  const description = `${venues[venue].title}, candles of ${minutes} min, ${symbols.join(", ")}`;
  const source = liveSource(
    {
      description,
      symbols: instruments.map(({ symbol, tick, lot }) => ({ symbol, tick, lot, timeframeMs })),
      identity,
      length: null,
    },
    {
      clock,
      pastBars: Math.min(pastBars, PublicMarket.barsMost(venue) - 1),
      onNotice,
      open: (since) => liveMarketOf(live, publicMarket, { instruments, timeframeMs, since }),
    },
  );
  return { source: { ...source, clock }, notes: [], instruments };
}

function checkTimeframe(venue: LiveMarketSettings["venue"], timeframeMs: number): void {
  const known = PublicMarket.timeframesOf(venue);
  if (known.includes(timeframeMs)) return;
  const wanted = known.map((each) => `${each / 60_000}m`).join(", ");
  throw new CommandError(
    `Cannot trade ${venues[venue].title} on candles of ${timeframeMs / 1_000} s: it keeps no ` +
      `history of them, wanted market.timeframe to be one of ${wanted}`,
    exitCode.badConfiguration,
  );
}

async function reached(
  market: PublicMarket,
  live: LiveMarketSettings,
  { say, known, isStopped }: LiveOptions,
): Promise<readonly Instrument[] | null> {
  const { title } = venues[live.venue];
  for (let tries = 0; !isStopped(); tries += 1) {
    const asked = market.instruments();
    const reply = await (known === null ? asked : Promise.race([asked, noAnswer()]));
    if (reply.type === "confirmed") return reply.value;
    if (reply.type === "refused" && reply.code === "unsupported") {
      const text = `Cannot trade ${live.symbols.join(", ")} at ${title}: ${reply.text}`;
      throw new CommandError(text, exitCode.badConfiguration);
    }
    const cause = `Cannot reach ${title}: ${reply.type === "unknown" ? reply.cause : reply.text}`;
    if (known !== null) {
      say(
        `${cause}; going on by the rules that the ledger has: nothing is entered there until it ` +
          "is heard, and it is tried again and again",
      );
      return known;
    }
    const pauseMs = waitMs(tries);
    say(
      `${cause}; trying again in ${pauseMs / 1_000} s: a new ledger waits for the rules of every ` +
        `account, here those of ${live.symbols.join(", ")}. ${unreachedCure(live)}`,
    );
    await waitUnless(isStopped, pauseMs);
  }
  return null;
}

async function noAnswer(): Promise<Awaited<ReturnType<PublicMarket["instruments"]>>> {
  await Bun.sleep(patienceMs);
  return { type: "unknown", cause: `no answer within ${patienceMs / 1_000} s` };
}

function liveMarketOf(
  { venue, stream }: LiveMarketSettings,
  market: PublicMarket,
  of: Pick<LiveMarketOptions, "instruments" | "timeframeMs"> & { readonly since: number },
): LiveMarket {
  const options: LiveMarketOptions = {
    ...of,
    url: stream ?? venues[venue].stream,
    candles: (symbol, since) => market.candles(symbol, since, of.timeframeMs),
    poll: (symbol) => market.poll(symbol),
    draw: () => Math.random(),
  };
  switch (venue) {
    case "kraken":
      return krakenLiveMarket(options);
    case "coinbase":
      return coinbaseLiveMarket(options);
    case "binanceus":
      return binanceLiveMarket({ ...options, depth: (symbol) => market.depth(symbol) });
  }
}
