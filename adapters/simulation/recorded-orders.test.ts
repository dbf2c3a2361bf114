/** Orders of each kind against recorded books: GTC, GTD, market and stop-limit. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paperInstrument } from "../../config/defaults.ts";
import { decimal, fromSteps, toNumber } from "../../machines/domain/decimal.ts";
import type { OrderRequest, VenueOrder } from "../../machines/domain/order.ts";
import { type Recordings, readRecordings } from "../market/mod.ts";
import { realRecordings, writeRecording } from "../market/recording.fixture.ts";
import type { BookUpdate, MarketPrint } from "../venues/matching/mod.ts";
import { PaperVenue } from "../venues/paper/paper-venue.ts";
import { RecordingTimeline } from "./recording-timeline.ts";
import type { BookVenue } from "./timeline.ts";

const folder = mkdtempSync(join(tmpdir(), "orders-"));
afterAll(() => rmSync(folder, { recursive: true }));

const symbol = "BTC/USDT";
const tick = decimal("0.01");

type Happening =
  | { readonly type: "book"; readonly book: BookUpdate }
  | { readonly type: "print"; readonly print: MarketPrint };

const timeOf = (each: Happening) => (each.type === "book" ? each.book.at : each.print.at);
const bidOf = (book: BookUpdate) => book.bids[0]?.ticks ?? 0;
const askOf = (book: BookUpdate) => book.asks[0]?.ticks ?? Number.POSITIVE_INFINITY;

/** All that a recording tells of the symbol. */
async function happenings(recordings: Recordings): Promise<Happening[]> {
  const timeline = new RecordingTimeline(recordings, new Map());
  const all: Happening[] = [];
  const venue: BookVenue = {
    at: { venue: "paper", account: "main" },
    book: (_symbol, book) => all.push({ type: "book", book }),
    print: (_symbol, print) => all.push({ type: "print", print }),
    takeReport: () => null,
    due: () => null,
    advance: () => Promise.resolve(),
  };
  for (;;) {
    for (let wait = timeline.ready(); wait; wait = timeline.ready()) await wait;
    if (timeline.nextAt() === null) return all;
    timeline.step(venue);
  }
}

/** A paper venue to which a recording happens. */
class Scene {
  private readonly clock = { time: 0, now: () => this.clock.time };
  readonly venue = new PaperVenue({
    at: { venue: "paper", account: "main" },
    clock: this.clock,
    instruments: [paperInstrument(symbol, tick)],
    balances: { BTC: decimal(10), USDT: decimal(1_000_000) },
  });

  constructor(private readonly all: readonly Happening[]) {}

  play(from: number, to: number): void {
    for (const each of this.all.slice(from, to)) {
      this.clock.time = timeOf(each);
      if (each.type === "book") this.venue.book(symbol, each.book);
      else this.venue.print(symbol, each.print);
    }
  }

  async place(wanted: Partial<OrderRequest>): Promise<void> {
    const reply = await this.venue.submit({
      ...{ clientOrderId: "a", symbol, side: "buy", type: "limit", quantity: decimal("0.01") },
      ...{ price: null, stopPrice: null, timeInForce: "gtc", postOnly: false, expiresAt: null },
      ...wanted,
    });
    expect(reply.type).toBe("confirmed");
  }

  async order(): Promise<VenueOrder> {
    const found = await this.venue.lookUp("a", symbol);
    const order = found.type === "confirmed" ? found.value.orders[0] : undefined;
    if (!order) throw new Error("Cannot find the order that was placed");
    return order;
  }

  async fills() {
    const reply = await this.venue.fillsSince(0);
    if (reply.type !== "confirmed") throw new Error("Cannot read fills");
    return reply.value.map(({ price, quantity, liquidity, at }) => ({
      ...{ ticks: Math.round(toNumber(price) / toNumber(tick)), quantity, liquidity, at },
    }));
  }
}

/** A place in the recording from which prices fall, and how far. */
function fallOf(all: readonly Happening[]) {
  let top = 0;
  let start = 0;
  for (const [index, each] of all.slice(0, Math.floor(all.length / 2)).entries()) {
    if (each.type !== "book" || bidOf(each.book) <= top) continue;
    top = bidOf(each.book);
    start = index + 1;
  }
  const later = all.slice(start);
  const lows = later.map((each) => (each.type === "book" ? askOf(each.book) : each.print.ticks));
  const low = Math.min(...lows);
  const afterStart = timeOf(later[0] as Happening);
  return { start, top, low, middle: Math.floor((top + low) / 2), afterStart };
}

/** From the second book on: the first is where a new order meets the market. */
function firstAfterArrival(
  all: readonly Happening[],
  start: number,
  matches: (each: Happening) => boolean,
): Happening | undefined {
  const arrival = all.findIndex((each, index) => index >= start && each.type === "book");
  return all.slice(arrival + 1).find(matches);
}

const price = (ticks: number) => fromSteps(ticks, tick);

/** The criteria, alike for real and synthetic recordings. */
function describeOrders(name: string, recordings: () => Promise<Recordings>): void {
  const scene = async () => {
    const all = await happenings(await recordings());
    const fall = fallOf(all);
    const played = new Scene(all);
    played.play(0, fall.start);
    return { all, ...fall, scene: played, toEnd: () => played.play(fall.start, all.length) };
  };

  describe(name, () => {
    test("a market order takes level by level what the next book shows", async () => {
      const { all, start, scene: played } = await scene();
      const next = all.findIndex((each, index) => index >= start && each.type === "book");
      const { book } = all[next] as { book: BookUpdate };
      const wanted = book.asks.slice(0, 3).reduce((sum, each) => sum + Number(each.quantity), 0);
      await played.place({ type: "market", quantity: decimal(wanted.toFixed(8)) });
      played.play(start, next + 1);
      const fills = await played.fills();
      expect(fills.map(({ ticks, quantity }) => [ticks, quantity] as const)).toEqual(
        book.asks.slice(0, 3).map(({ ticks, quantity }) => [ticks, quantity] as const),
      );
      expect((await played.order()).state).toBe("filled");
    });

    test("a GTC limit below the market rests until it is traded through, and fills at its price", async () => {
      const { all, start, middle, scene: played, toEnd } = await scene();
      await played.place({ price: price(middle) });
      const through = firstAfterArrival(all, start, (each) =>
        each.type === "book" ? askOf(each.book) <= middle : each.print.ticks < middle,
      );
      toEnd();
      const fills = await played.fills();
      expect((await played.order()).state).toBe("filled");
      expect(fills[0]?.at).toBe(timeOf(through as Happening));
      expect(fills.filter((fill) => fill.ticks !== middle || fill.liquidity !== "maker")).toEqual(
        [],
      );
    });

    test("a GTC limit that the market never reaches is open at the end", async () => {
      const { low, scene: played, toEnd } = await scene();
      await played.place({ price: price(low - 1) });
      toEnd();
      expect(await played.order()).toMatchObject({ state: "open", filled: "0" });
    });

    test("a GTD limit expires at its time, without a fill", async () => {
      const { all, start, low, afterStart, scene: played } = await scene();
      const expiresAt = afterStart + 2_000;
      await played.place({ price: price(low - 1), timeInForce: "gtd", expiresAt });
      const end = all.findIndex((each, index) => index >= start && timeOf(each) >= expiresAt);
      played.play(start, end);
      expect((await played.order()).state).toBe("open");
      played.play(end, end + 1);
      expect(await played.order()).toMatchObject({
        ...{ state: "expired", filled: "0", updatedAt: timeOf(all[end] as Happening) },
      });
    });

    test("a GTD limit that is reached in time fills as a GTC one does", async () => {
      const { middle, scene: played, toEnd } = await scene();
      const far = 4_000_000_000_000;
      await played.place({ price: price(middle), timeInForce: "gtd", expiresAt: far });
      toEnd();
      expect((await played.order()).state).toBe("filled");
    });

    test("a stop-limit sell waits for its stop, then takes bids down to its limit and no lower", async () => {
      const { all, start, middle, scene: played, toEnd } = await scene();
      const limit = middle - 500;
      const stop = { stopPrice: price(middle), price: price(limit), side: "sell" } as const;
      await played.place({ type: "stopLimit", quantity: decimal("0.5"), ...stop });
      const touched = firstAfterArrival(all, start, (each) =>
        each.type === "book" ? bidOf(each.book) <= middle : each.print.ticks <= middle,
      );
      toEnd();
      const fills = await played.fills();
      const touchedAt = timeOf(touched as Happening);
      expect((await played.order()).state).toBe("filled");
      expect(fills.filter(({ at, ticks }) => at < touchedAt || ticks < limit)).toEqual([]);
      const next = all.find((each) => each.type === "book" && timeOf(each) >= touchedAt);
      expect(fills[0]?.at).toBeGreaterThanOrEqual(timeOf(next as Happening));
    });

    test("a stop-limit whose stop is not touched is open at the end", async () => {
      const { low, scene: played, toEnd } = await scene();
      const stop = {
        stopPrice: price(low - 5_000),
        price: price(low - 6_000),
        side: "sell",
      } as const;
      await played.place({ type: "stopLimit", ...stop });
      toEnd();
      expect(await played.order()).toMatchObject({ state: "open", filled: "0" });
    });
  });
}

describeOrders("orders against the books of a synthetic recording", async () => {
  const path = await writeRecording(join(folder, "synthetic.jsonl.gz"), {
    ...{ symbol, startPrice: "61000", seconds: 120, seed: 1, skewMs: 1_270 },
  });
  return readRecordings([{ path, symbol: null }], "1s");
});

const [real = ""] = realRecordings;
if (existsSync(real)) {
  describeOrders("orders against the books of a real recording", () =>
    readRecordings([{ path: real, symbol: null }], "1s"),
  );
} else {
  test.skip(`orders against the books of a real recording: none at ${real}`, () => {});
}
