/** Candles of a venue into the store, page by page: what is stored already is not asked for again. */
import type { Reply } from "../../actors/order/ports.ts";
import { type Decimal, fromSteps } from "../../machines/domain/decimal.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { CandleHistory } from "../venues/streams/mod.ts";
import type { CandleRows, CandleStore } from "./candle-store.ts";
import type { SeriesKey } from "./series-key.ts";
import { type Span, uncovered } from "./spans.ts";

/** What a venue told of a stretch: from the first to before the second, Unix milliseconds. */
export interface PastPage {
  readonly from: number;
  readonly until: number;
  readonly rows: CandleRows;
}

/** A venue's past bars, page by page. */
export interface PastMarket {
  past(symbol: string, since: number, timeframeMs: number): Promise<Reply<PastPage>>;
}

/** A venue's past bars in whole ticks. */
interface PastInTicks {
  past(symbol: string, since: number, timeframeMs: number): Promise<Reply<CandleHistory>>;
}

/** The same as rows of a candle file. */
export function writtenPast(market: PastInTicks, tick: Decimal): PastMarket {
  return {
    async past(...asked) {
      const reply = await market.past(...asked);
      if (reply.type !== "confirmed") return reply;
      const { from, until, candles } = reply.value;
      return { type: "confirmed", value: { from, until, rows: rowsOf(candles, tick) } };
    },
  };
}

export interface FetchRequest {
  readonly market: PastMarket;
  readonly store: CandleStore;
  readonly key: SeriesKey;
  readonly timeframeMs: number;
  /** What is wanted: both on the timeframe's grid. */
  readonly span: Span;
  readonly isStopped: () => boolean;
  /** Told after each page that is stored. */
  readonly onPage: (through: number, candles: number) => void;
  /** Told of each try in vain, and waits as long as it sees fit; false to give up. */
  readonly onTrouble: (text: string, triesBefore: number) => Promise<boolean>;
}

export interface FetchOutcome {
  readonly ended: "done" | "stopped";
  /** Candles that were stored now. */
  readonly candles: number;
  readonly pages: number;
  /** What the venue does not tell any more: older than it keeps. */
  readonly notKept: readonly Span[];
  /** Up to where all is known. */
  readonly through: number;
}

/** A venue that did not answer, or that said no. */
export class FetchError extends Error {
  override readonly name = "FetchError";
}

/**
 * Fetches what of a span is not stored yet. Each page is on disk before the next one is asked for,
 * so whatever ends it, the same call goes on where it was.
 *
 * @throws {FetchError} where the venue refuses, or cannot be reached and `onTrouble` gave up
 */
export async function fetchCandles(request: FetchRequest): Promise<FetchOutcome> {
  const { store, key, span } = request;
  const index = await store.index(key);
  const outcome = { candles: 0, pages: 0, notKept: [] as Span[], through: span[0] };
  for (const gap of uncovered(span, index?.covered ?? [])) {
    let at = gap[0];
    outcome.through = at;
    while (at < gap[1]) {
      if (request.isStopped()) return { ...outcome, ended: "stopped" };
      const page = await pageFrom(request, at);
      if (page === null) return { ...outcome, ended: "stopped" };
      const until = Math.min(page.until, gap[1]);
      if (page.from > at) outcome.notKept.push([at, Math.min(page.from, gap[1])]);
      // Nothing more is known: the present was reached.
      if (until <= at) return { ...outcome, ended: "done" };
      const rows = new Map([...page.rows].filter(([openedAt]) => openedAt < until));
      if (until > page.from) await store.add(key, rows, [page.from, until]);
      outcome.candles += rows.size;
      outcome.pages += 1;
      at = until;
      outcome.through = at;
      request.onPage(at, outcome.candles);
    }
  }
  outcome.through = span[1];
  return { ...outcome, ended: "done" };
}

async function pageFrom(request: FetchRequest, at: number): Promise<PastPage | null> {
  const { market, key, timeframeMs, isStopped, onTrouble } = request;
  for (let tries = 0; !isStopped(); tries += 1) {
    const reply = await market.past(key.symbol, at, timeframeMs);
    if (reply.type === "confirmed") return reply.value;
    const mayPass = reply.type === "unknown" || reply.code !== "unsupported";
    const text = reply.type === "unknown" ? reply.cause : reply.text;
    if (!mayPass || !(await onTrouble(text, tries))) {
      const from = new Date(at).toISOString();
      throw new FetchError(
        `Cannot fetch candles of ${key.symbol} at ${key.venue} from ${from}: ${text}\n` +
          "What came before is stored: the same command goes on from there",
      );
    }
  }
  return null;
}

function rowsOf(candles: readonly Candle[], tick: Decimal): CandleRows {
  return new Map(
    candles.map(({ openedAt, open, high, low, close, volume }) => {
      const prices = [open, high, low, close].map((ticks) => fromSteps(ticks, tick));
      return [openedAt, [openedAt, ...prices, volume].join(",")] as const;
    }),
  );
}
