/** Venues as ccxt itself reads them, over real sockets. */
import { describe, expect, test } from "bun:test";
import { type Rehearsal, startRehearsal } from "../rehearsal/mod.ts";
import { AnyVenue } from "./any-venue.ts";
import { serveBitstamp } from "./bitstamp-server.fixture.ts";
import { PublicMarket } from "./public-market.ts";

const minuteMs = 60_000;
const present = () => Math.floor(Date.now() / minuteMs) * minuteMs;
const symbol = "BTC/USD";

async function told(venue: AnyVenue, since: number) {
  const reply = await venue.past(symbol, since, minuteMs);
  if (reply.type !== "confirmed") throw new Error(`Cannot go on: ${JSON.stringify(reply)}`);
  return reply.value;
}

describe("AnyVenue", () => {
  test("reads Kraken's candles as the desk's own adapter does", async () => {
    await using kraken: Rehearsal = await startRehearsal({ venue: "kraken", seed: "7", speed: 1 });
    const venue = await AnyVenue.open({ venue: "kraken", rest: kraken.url });
    expect(await venue.lists(symbol)).toEqual({ type: "confirmed", value: symbol });
    const own = new PublicMarket({
      venue: "kraken",
      symbols: [symbol],
      urls: { rest: kraken.url },
    });
    await own.instruments();
    // Minutes that both tell whole, whichever minute it is when they are asked.
    const since = present() - 300 * minuteMs;
    const until = present() - minuteMs;
    const [any, wanted] = [await told(venue, since), await own.past(symbol, since, minuteMs)];
    if (wanted.type !== "confirmed") throw new Error(`Cannot go on: ${wanted.type}`);
    const times = wanted.value.candles.map(({ openedAt }) => openedAt).filter((at) => at < until);
    expect([...any.rows.keys()].filter((at) => at < until)).toEqual(times);
    expect(times.length).toBeGreaterThan(100);
    // It tells its newest ones alone: of what is older nothing is known.
    const old = await told(
      await AnyVenue.open({ venue: "kraken", rest: kraken.url }),
      present() - 5_000 * minuteMs,
    );
    expect(old.from).toBe(old.rows.keys().next().value ?? 0);
    expect(old.from).toBeGreaterThan(present() - 1_000 * minuteMs);
  });

  test("knows a quiet stretch from one before the venue's past, and closed candles from open ones", async () => {
    const first = present() - 1_500 * minuteMs;
    const quiet = Array.from({ length: 20 }, (_, index) => first + (995 + index) * minuteMs);
    using server = serveBitstamp(first, quiet);
    const venue = await AnyVenue.open({ venue: "bitstamp", rest: `${server.url}/` });
    expect(venue.timeframes).toContain(minuteMs);
    const before = await told(venue, first - 2_000 * minuteMs);
    const later = first - 1_000 * minuteMs;
    expect([before.from, before.until, before.rows.size]).toEqual([later, later, 0]);
    const border = await told(venue, first - 5 * minuteMs);
    expect([border.from, border.rows.size]).toEqual([first, 995]);
    expect(border.until).toBe(first + 995 * minuteMs);
    const page = await told(venue, border.until);
    // The hole at its beginning is known: candles before it were told.
    expect([page.from, page.rows.size]).toEqual([border.until, 1_500 - 995 - 20]);
    expect(page.until).toBeGreaterThanOrEqual(first + 1_500 * minuteMs);
    const end = await told(venue, page.until);
    expect([end.from, end.until, end.rows.size]).toEqual([page.until, page.until, 0]);
    expect(border.rows.get(first)).toMatch(/^\d+,100\.05,120,0\.00005,10\d,0\.00000004$/);
  });

  test("says what may pass, and what is final", async () => {
    using server = serveBitstamp(present() - 10 * minuteMs);
    const venue = await AnyVenue.open({ venue: "bitstamp", rest: server.url });
    expect(await venue.lists("NONE/USD")).toEqual({
      ...{ type: "refused", code: "unsupported", text: "bitstamp does not list NONE/USD" },
    });
    server.failing = 1;
    const since = present() - 5 * minuteMs;
    expect((await venue.past(symbol, since, minuteMs)).type).toBe("unknown");
    expect((await venue.past(symbol, since, minuteMs)).type).toBe("confirmed");
    expect((await venue.past("NONE/USD", since, minuteMs)).type).toBe("refused");
    expect(venue.past(symbol, since, 7 * minuteMs)).rejects.toThrow("Cannot read candles of 7m");
    const gone = await AnyVenue.open({ venue: "bitstamp", rest: "http://127.0.0.1:9" });
    expect((await gone.lists(symbol)).type).toBe("unknown");
  });

  test.each([
    ["krakn", 'ccxt has no such venue, near it are "kraken"'],
    ["binnce", 'near it are "binance"'],
    ["constructor", "ccxt has no such venue"],
    ["zaif", "it tells none"],
  ])("refuses %s", async (venue, wanted) => {
    const opened = AnyVenue.open({ venue });
    await expect(opened).rejects.toThrow(`"${venue}"`);
    await expect(opened).rejects.toThrow(wanted);
  });
});
