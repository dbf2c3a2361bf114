/** A desk that trades at once: a quick trend alone decides, at each move of a price fed by hand. */
import type { CandleSource } from "../../actors/market/ports.ts";
import {
  type Rehearsal,
  type RehearsalOptions,
  type RehearsalVenueName,
  startRehearsal,
} from "../../adapters/venues/rehearsal/mod.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";

export const symbol = "BTC/USD";
const minute = 60_000;
/** Past candles that the venue has. */
export const past = 60;

/** Closes that fall and rise at last, so that a quick trend has just begun; ticks of 0.1. */
const closes = Array.from(
  { length: past },
  (_, bar) => 650_000 - bar * 500 + (bar > 56 ? 6_000 : 0),
);

export const lastClose = closes.at(-1) ?? 0;

/** Past candles up to the minute of that time; from there on prices are fed by hand. */
function justBegun(at: number): CandleSource {
  const now = Math.floor(at / minute) * minute;
  const candles = [...closes, lastClose].map((close, bar): Candle => {
    const open = closes[bar - 1] ?? close;
    const [high, low] = [Math.max(open, close) + 50, Math.min(open, close) - 50];
    const openedAt = now - (past - bar) * minute;
    return { symbol, openedAt, timeframeMs: minute, open, high, low, close, volume: 5 };
  });
  return {
    description: "a trend that has just begun",
    symbols: [{ symbol, timeframeMs: minute, tick: decimal("0.1") }],
    identity: { kind: "test" },
    length: candles.length,
    cursor: (_, from) => {
      let at = from;
      return {
        next() {
          const candle = candles[at] ?? null;
          at += 1;
          return candle;
        },
      };
    },
  };
}

export async function startVenue(
  name: RehearsalVenueName = "kraken",
  options: Partial<RehearsalOptions> = {},
): Promise<Rehearsal> {
  // In the midst of a minute: were it behind the desk's time, its bars would come too late.
  const openAt = Date.now();
  const source = justBegun(openAt);
  return startRehearsal({
    ...{ venue: name, source, history: past, openAt, seed: "7" },
    ...options,
  });
}

const others =
  "keltner meanReversion ichimoku orderFlow stochasticDivergence squeeze supertrend reversal momentum breakout";

/** Keys under which a trend alone votes, nearly anything is a signal, and no cost is minded. */
export const nervous: Readonly<Record<string, string>> = {
  "strategy.frames": "1",
  "strategy.eventPriceMovePct": "0.01",
  "strategy.confluence.minFrames": "1",
  "strategy.confluence.minStrategies": "1",
  "strategy.confluence.minConfidence": "0.0001",
  "strategy.confluence.minRewardToRisk": "0.01",
  "strategy.confluence.maxGapShare": "1",
  "strategy.confluence.maxSpreadShare": "0.05",
  "strategy.confluence.frameBonus": "1",
  "strategy.guardrail.disableBelow": "0",
  "strategy.votes.trend.fast": "2",
  "strategy.votes.trend.slow": "6",
  "strategy.votes.trend.adx": "2",
  "strategy.votes.trend.minAdx": "1",
  "stop.atrPeriod": "5",
  "entry.type": "market",
  ...Object.fromEntries(others.split(" ").map((name) => [`strategy.votes.${name}.use`, "false"])),
};

export function setsOf(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
}

const streamPaths = {
  kraken: { market: "/v2", account: "/auth/v2" },
  coinbase: { market: "/", account: "/user" },
} as const;

/** Keys under which a venue's market at this address is traded on. */
export function marketAt(
  url: string,
  name: RehearsalVenueName = "kraken",
): Readonly<Record<string, string>> {
  return {
    "market.source": "live",
    "market.live.venue": name,
    "market.live.symbols": symbol,
    "market.live.rest": url,
    "market.live.stream": `${url.replace("http", "ws")}${streamPaths[name].market}`,
  };
}

/** Keys under which orders go to the venue at this address. */
export function accountAt(
  url: string,
  name: RehearsalVenueName = "kraken",
): Readonly<Record<string, string>> {
  return {
    mode: "rehearsal",
    "account.venue": name,
    "account.rest": url,
    "account.stream": `${url.replace("http", "ws")}${streamPaths[name].account}`,
  };
}
