/** The streams against the rehearsal venue, which was written apart from them. */
import { afterEach, describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { KeyedDraws } from "../../market/keyed-draws.ts";
import { call } from "../rehearsal/client.fixture.ts";
import { type FaultName, type Rehearsal, startRehearsal } from "../rehearsal/mod.ts";
import { krakenLiveMarket } from "./kraken-market.ts";
import { krakenPrivateStream } from "./kraken-private-stream.ts";
import type { LiveMarket, LiveMarketEvent } from "./live-market.ts";
import { btc } from "./model-book.fixture.ts";
import type { PrivateStream, PrivateStreamEvent } from "./private-stream.ts";
import { halfDraw, until } from "./scripted-server.fixture.ts";

const seed = "20261121";
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const limits = {
  backoffMinMs: 5,
  backoffMaxMs: 20,
  pingAfterMs: 200,
  staleAfterMs: 400,
  deadAfterMs: 800,
  subscribeMs: 1_000,
};

async function rehearsal(): Promise<Rehearsal> {
  const venue = await startRehearsal({ venue: "kraken", speed: "lockstep", seed });
  open.push(() => venue[Symbol.asyncDispose]());
  venue.control.feedPoint("BTC/USD", decimal(60_000));
  return venue;
}

const wsOf = ({ url }: Rehearsal): string => url.replace("http", "ws");

function privateOf(venue: Rehearsal): { stream: PrivateStream; events: PrivateStreamEvent[] } {
  const stream = krakenPrivateStream({
    url: `${wsOf(venue)}/auth/v2`,
    draw: halfDraw,
    limits,
    token: async () => String((await call(venue, "GetWebSocketsToken")).result.token),
  });
  const events: PrivateStreamEvent[] = [];
  stream.onEvent((event) => events.push(event));
  open.unshift(() => stream.close());
  stream.start();
  return { stream, events };
}

function marketOf(venue: Rehearsal): { market: LiveMarket; events: LiveMarketEvent[] } {
  const market = krakenLiveMarket({
    url: `${wsOf(venue)}/v2`,
    draw: halfDraw,
    limits,
    depth: 25,
    market: { resyncMs: 10, levelsShown: 25 },
    instruments: [btc],
    timeframeMs: 3_600_000,
    candles: async (_symbol, from) => ({ from, until: from, candles: [] }),
    poll: () => Promise.reject(new RangeError("not asked for")),
  });
  const events: LiveMarketEvent[] = [];
  market.onEvent((event) => events.push(event));
  open.unshift(() => market.close());
  market.start();
  return { market, events };
}

const trade = (venue: Rehearsal, number: number) =>
  call(venue, "AddOrder", {
    pair: "XBTUSD",
    type: number % 2 === 0 ? "buy" : "sell",
    ordertype: "market",
    volume: "0.001",
    cl_ord_id: `desk-${number}`,
  });

describe("against the rehearsal venue", () => {
  test("no fill is lost or doubled, whatever befalls the stream", async () => {
    const faults: readonly FaultName[] = [
      "duplicateMessage",
      "reorderMessages",
      "delayMessage",
      "loseMessage",
      "sequenceGap",
      "disconnect",
      "silence",
    ];
    const venue = await rehearsal();
    const { stream, events } = privateOf(venue);
    const told: string[] = [];
    const take = () => {
      for (let next = stream.takeReport(); next; next = stream.takeReport()) {
        if (next.type === "fill") told.push(next.fill.tradeId);
      }
      return told.length;
    };
    const live = () => stream.status.state === "live";
    await until("a live stream", live);
    const draws = KeyedDraws.of(seed, "faults");
    for (let number = 0; number < 120; number += 1) {
      const name = faults[Math.floor(draws.unit(number, 0) * faults.length)] ?? "loseMessage";
      if (draws.unit(number, 1) < 0.3) {
        venue.control.orderFault({ name, on: ["stream"], target: "executions", delayMs: 20 });
      }
      await trade(venue, number);
      take();
      // Not faster than reconnects: a snapshot brings the last fifty trades.
      if (number % 10 === 0) await until("a live stream", live);
    }
    venue.control.clearFaults();
    await until("a live stream", live);
    // What was lost at the very end shows with the next message.
    await trade(venue, 120);
    const { trades } = venue.control.record();
    await until("every trade", () => take() >= trades.length);
    expect([...told].sort()).toEqual(trades.map(({ tradeId }) => tradeId).sort());
    expect(events.filter(({ type }) => type === "gap").length).toBeGreaterThan(0);
    expect(venue.control.problems).toEqual([]);
  });

  test("the book is the venue's again after wrong checksums and lost changes", async () => {
    const venue = await rehearsal();
    const { market, events } = marketOf(venue);
    await until("a live market", () => market.status.state === "live");
    const draws = KeyedDraws.of(seed, "book");
    for (let number = 0; number < 100; number += 1) {
      if (draws.unit(number, 0) < 0.2) {
        const name = draws.unit(number, 1) < 0.5 ? "wrongChecksum" : "loseMessage";
        venue.control.orderFault({ name, on: ["stream"], target: "book" });
      }
      const price = 60_000 + Math.floor(draws.unit(number, 2) * 2_000) / 10;
      venue.control.feedPoint("BTC/USD", decimal(price.toFixed(1)));
      if (number % 10 === 0) await Bun.sleep(1);
    }
    venue.control.clearFaults();
    const fresh = marketOf(venue);
    await until("a second, fresh market", () => fresh.market.status.state === "live");
    const last = (told: readonly LiveMarketEvent[]) => {
      const book = told.findLast((event) => event.type === "book")?.book;
      return book && book.bids.length > 0 ? { bids: book.bids, asks: book.asks } : null;
    };
    // Two at least, so that a book that was lost unseen meets its checksum.
    for (const price of [60_500, 60_499.5, 60_500]) {
      venue.control.feedPoint("BTC/USD", decimal(String(price)));
    }
    await until("the same book on both", () => {
      return last(fresh.events) !== null && Bun.deepEquals(last(events), last(fresh.events));
    });
    expect(market.status.counters.gaps).toBeGreaterThan(0);
    expect(fresh.market.status.counters.gaps).toBe(0);
  });
});
