import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CandleSource } from "../../../actors/market/ports.ts";
import { decimal, decimalPlaces, toNumber } from "../../../machines/domain/decimal.ts";
import type { Fill } from "../../../machines/domain/fill.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import { candleFileSource, readCandleFile } from "../../market/mod.ts";
import { candlePath, MatchingEngine } from "../matching/mod.ts";
import { call, type Fields, publicCall, still } from "./client.fixture.ts";
import { krakenInstrument } from "./kraken/names.ts";
import type { Rehearsal } from "./mod.ts";

const symbol = "BTC/USD";
const minuteMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Candles that were made up, as a file. */
async function writtenCandles(): Promise<CandleSource> {
  const rows = Array.from({ length: 200 }, (_, index) => {
    const open = 40_000 + 100 * Math.sin(index);
    const close = 40_000 + 100 * Math.sin(index + 1);
    const [low, high] = [Math.min(open, close) - 20, Math.max(open, close) + 30];
    const prices = [open, high, low, close].map((price) => price.toFixed(1));
    return [1_640_995_200_000 + index * minuteMs, ...prices, 5 + (index % 7)].join(",");
  });
  const path = join(folder, "candles.csv");
  await Bun.write(path, `timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`);
  return candleFileSource([await readCandleFile({ path, symbol, timeframe: "1m" })]);
}

function candlesOf(source: CandleSource, count: number): Candle[] {
  const cursor = source.cursor(symbol, 0);
  return Array.from({ length: count }, () => cursor.next()).filter((each) => each !== null);
}

/** Places orders of every kind while a market goes on for an hour. */
async function tradedHour(venue: Rehearsal): Promise<unknown> {
  for (let minute = 0; minute < 60; minute += 1) {
    const side = minute % 2 === 0 ? "buy" : "sell";
    const order: Fields = { pair: "XBTUSD", type: side, volume: "0.01" };
    const { result } = await publicCall(venue, "Ticker", "?pair=XBTUSD");
    const { c } = result.XXBTZUSD as { c: string[] };
    const price = (Number(c[0]) * (side === "buy" ? 0.999 : 1.001)).toFixed(1);
    await call(venue, "AddOrder", { ...order, ordertype: "market" });
    await call(venue, "AddOrder", { ...order, ordertype: "limit", price });
    if (minute % 10 === 9) await call(venue, "CancelAll");
    venue.control.advanceBy(minuteMs);
  }
  return venue.control.record();
}

describe("venue in lockstep", () => {
  test("the same seed and calls make the same record, and another seed another", async () => {
    const records: unknown[] = [];
    for (const seed of ["1", "1", "2"]) {
      await using venue = await still({ seed });
      records.push(await tradedHour(venue));
    }
    expect(records[0]).toEqual(records[1]);
    expect(records[0]).not.toEqual(records[2]);
  });

  test("time stands still until it is advanced", async () => {
    await using venue = await still();
    const before = await publicCall(venue, "Ticker");
    expect(await publicCall(venue, "Ticker")).toEqual(before);
    venue.control.advanceBy(minuteMs);
    expect(await publicCall(venue, "Ticker")).not.toEqual(before);
    expect(() => venue.control.advanceTo(0)).toThrow(RangeError);
  });

  test("a moment can be stopped at before its points, after what closes a candle, or with all", async () => {
    const source = await writtenCandles();
    await using venue = await still({ source, meeting: "atNextPoint", history: 1 });
    const close = venue.control.now + minuteMs;
    const priceAfter = async (reach: "before" | "close" | "open") => {
      venue.control.advanceTo(close, reach);
      const { result } = await publicCall(venue, "Ticker", "?pair=XBTUSD");
      return Number((result.XXBTZUSD as { c: string[] }).c[0]);
    };
    const [, ended, next] = candlesOf(source, 3);
    const high = ended?.high ?? 0;
    const wanted = [high, ended?.close, next?.open].map((ticks) => (ticks ?? 0) / 10);
    const told = [await priceAfter("before"), await priceAfter("close"), await priceAfter("open")];
    expect(told).toEqual(wanted);
  });

  test("reads lag behind by what they are told to", async () => {
    await using venue = await still({ readLagMs: 2_000 });
    const order = { pair: "XBTUSD", type: "buy", ordertype: "market", volume: "0.01" };
    const { result } = await call(venue, "AddOrder", order);
    const found = async () => {
      const orders = await call(venue, "QueryOrders", { txid: String(result.txid) });
      const trades = await call(venue, "TradesHistory");
      return [orders.error.join(), trades.result.count];
    };
    expect(await found()).toEqual(["EOrder:Unknown order", 0]);
    venue.control.advanceBy(2_000);
    expect(await found()).toEqual(["", 1]);
  });

  test("an order that waits for the next point is not met before", async () => {
    await using venue = await still({ meeting: "atNextPoint" });
    const order = { pair: "XBTUSD", type: "buy", ordertype: "market", volume: "0.0001" };
    await call(venue, "AddOrder", order);
    expect(venue.control.record().orders[0]?.state).toBe("open");
    venue.control.advanceBy(20_000);
    expect(venue.control.record().orders[0]?.state).toBe("filled");
  });
});

interface Walked {
  readonly name: string;
  readonly source: () => Promise<CandleSource>;
}

const realFile = new URL("../../../../shared/data/btc-usd-perp-1m-2022-01.csv.gz", import.meta.url);
const walked: Walked[] = [{ name: "written candles", source: writtenCandles }];
if (existsSync(realFile)) {
  const path = realFile.pathname;
  const source = async () =>
    candleFileSource([await readCandleFile({ path, symbol, timeframe: "1m" })]);
  walked.push({ name: "real candles", source });
} else test.skip(`real candles: there is no ${realFile.pathname}`, () => {});

describe.each(walked)("$name behind the venue", ({ source: open }) => {
  test("OHLC tells the file's candles, the past hundred at once", async () => {
    const source = await open();
    await using venue = await still({ source });
    const told = async () => {
      const { result } = await publicCall(venue, "OHLC", "?pair=XBTUSD");
      return (result.XXBTZUSD as (string | number)[][]).slice(0, -1);
    };
    expect(await told()).toHaveLength(100);
    venue.control.advanceBy(60 * minuteMs);
    const step = source.symbols[0]?.tick ?? decimal("0.1");
    const [tick, places] = [toNumber(step), decimalPlaces(step)];
    const wanted = candlesOf(source, 160).map(
      ({ openedAt, open: first, high, low, close, volume }) => [
        openedAt / 1_000,
        ...[first, high, low, close].map((ticks) => (ticks * tick).toFixed(places)),
        volume.toFixed(8),
      ],
    );
    expect((await told()).map((row) => [...row.slice(0, 5), row[6]] as unknown)).toEqual(wanted);
  });

  test.each(["atNextPoint", "onArrival"] as const)(
    "orders placed at a candle's end fill %s as in a run of the same points",
    async (meeting) => {
      const source = await open();
      const instrument = krakenInstrument(symbol, source.symbols[0]?.tick ?? decimal("0.1"));
      await using venue = await still({ source, meeting });
      const balances = { USD: decimal(100_000), BTC: decimal(1) };
      const engine = new MatchingEngine({ instruments: [instrument], balances });
      const points = candlesOf(source, 160).flatMap(candlePath);
      const feedUpTo = (time: number, withOpen: boolean) => {
        for (let point = points[0]; point !== undefined; point = points[0]) {
          if (point.at > time || (point.at === time && point.gap && !withOpen)) return;
          engine.tick(symbol, point);
          points.shift();
        }
      };
      for (let index = 0; index < 30; index += 1) {
        const now = venue.control.now;
        // At a venue the next candle has opened by then; in a run its open is the next point.
        feedUpTo(now, meeting === "atNextPoint");
        const side = index % 2 === 0 ? "buy" : "sell";
        const order = { pair: "XBTUSD", type: side, ordertype: "market", volume: "0.01" };
        expect((await call(venue, "AddOrder", order)).error).toEqual([]);
        expect(engine.submit(marketOrder(side, index), now).type).toBe("confirmed");
        venue.control.advanceBy(minuteMs);
      }
      feedUpTo(venue.control.now, true);
      const told = ({
        at,
        price,
        quantity,
        fee,
      }: Pick<Fill, "at" | "price" | "quantity" | "fee">) => [at, price, quantity, fee].join(" ");
      const { trades } = venue.control.record();
      expect(trades.map(told)).toEqual(engine.fillsSince(0).map(told));
      expect(trades.length).toBeGreaterThanOrEqual(30);
    },
  );
});

function marketOrder(side: "buy" | "sell", number: number): OrderRequest {
  return {
    clientOrderId: `${number}`,
    symbol,
    side,
    type: "market",
    quantity: decimal("0.01"),
    price: null,
    stopPrice: null,
    timeInForce: "gtc",
    postOnly: false,
    expiresAt: null,
  };
}
