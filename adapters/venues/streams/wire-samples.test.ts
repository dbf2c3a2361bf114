/** Messages that the project did not write, against what reads them; and a twin that always runs. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { VenueReport } from "../../../machines/domain/fill.ts";
import { coinbaseLiveMarket } from "./coinbase-market.ts";
import { CoinbaseOrders } from "./coinbase-orders.ts";
import { krakenChecksum } from "./kraken-checksum.ts";
import { krakenLiveMarket } from "./kraken-market.ts";
import type { LiveMarket, LiveMarketOptions } from "./live-market.ts";
import { type MarketStand, marketStand } from "./market-stand.fixture.ts";
import { btc } from "./model-book.fixture.ts";
import { until } from "./scripted-server.fixture.ts";
import { readWireMessage } from "./wire-message.ts";

const folder = new URL("../../../../shared/wire/", import.meta.url).pathname;
const hasSamples = existsSync(folder);
if (!hasSamples) console.log(`skipped: no wire samples in ${folder}`);

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const sample = (path: string): string => readFileSync(`${folder}${path}.json`, "utf8");

/** Puts one message before a venue's market, and waits for whatever comes of it. */
async function tell(
  marketOf: (options: LiveMarketOptions) => LiveMarket,
  ...texts: string[]
): Promise<MarketStand> {
  const stand = marketStand(open, marketOf, {
    opened: (peer) => texts.map((text) => peer.send(text)),
  });
  await until("the messages", () => stand.market.status.counters.messages >= texts.length);
  return stand;
}

const kindsOf = ({ events }: MarketStand) =>
  events.map(({ type }) => type).filter((type) => type !== "connection" && type !== "health");

/** Kraken's own example of a checksum, in its guide "Book checksum (WebSocket v2)". */
const published = {
  checksum: 3_310_070_434,
  asks:
    "45285.2:0.00100000 45286.4:1.54571953 45286.6:1.54571109 45289.6:1.54560911 " +
    "45290.2:0.15890660 45291.8:1.54553491 45294.7:0.04454749 45296.1:0.35380000 " +
    "45297.5:0.09945542 45299.5:0.18772827",
  bids:
    "45283.5:0.10000000 45283.4:1.54582015 45282.1:0.10000000 45281.0:0.10000000 " +
    "45280.3:1.54592586 45279.0:0.07990000 45277.6:0.03310103 45277.5:0.30000000 " +
    "45277.3:1.54602737 45276.6:0.15445238",
};

const pairs = (text: string) => text.split(" ").map((pair) => pair.split(":") as [string, string]);

describe("what a venue published", () => {
  test("Kraken's example book has the checksum that Kraken gives it", () => {
    const levels = (text: string) =>
      pairs(text).map(([writtenPrice, writtenQuantity]) => {
        return { ticks: 0, quantity: btc.lot, writtenPrice, writtenQuantity };
      });
    const [asks, bids] = [levels(published.asks), levels(published.bids)];
    expect(krakenChecksum(asks, bids, null)).toBe(published.checksum);
    expect(krakenChecksum(asks, bids, { price: 1, quantity: 8 })).toBe(published.checksum);
  });

  test("Kraken's example book is taken, and refused with another checksum", async () => {
    const levels = (text: string) =>
      pairs(text)
        .map(([price, qty]) => `{"price":${price},"qty":${qty}}`)
        .join(",");
    const message = (checksum: number) =>
      `{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[${levels(published.bids)}],` +
      `"asks":[${levels(published.asks)}],"checksum":${checksum}}]}`;
    expect(kindsOf(await tell(krakenLiveMarket, message(published.checksum)))).toEqual(["book"]);
    expect(kindsOf(await tell(krakenLiveMarket, message(1)))).toEqual(["trouble", "book"]);
  });

  test("numbers keep the digits that they were written with", () => {
    const text =
      '{"a":105944.20,"b":[0.00100000,1e-8,-3],"c":"1.50","d":{"e":12345678901234567890}}';
    expect(readWireMessage(text)).toEqual({
      a: "105944.20",
      b: ["0.00100000", "1e-8", "-3"],
      c: "1.50",
      d: { e: "12345678901234567890" },
    });
  });
});

describe.skipIf(!hasSamples)("Kraken's samples", () => {
  test("the ticker is a quote", async () => {
    const stand = await tell(krakenLiveMarket, sample("kraken/ws_ticker_snapshot"));
    expect(stand.of("quote")).toMatchObject([
      { bid: { ticks: 1059442, quantity: "2.5" }, ask: { ticks: 1059443, quantity: "3.2" } },
    ]);
  });

  test("the trades are prints", async () => {
    const stand = await tell(krakenLiveMarket, sample("kraken/ws_trade_update"));
    expect(
      stand.of("print").map(({ print: { at: _, ...print }, isBuy }) => ({ ...print, isBuy })),
    ).toMatchObject([
      { ticks: 1059442, quantity: "0.00027625", isBuy: true },
      { ticks: 1059105, quantity: "0.0001246", isBuy: false },
    ]);
  });

  test("the book is refused, for its checksum is not that of its three levels", async () => {
    const texts = [sample("kraken/ws_book_snapshot"), sample("kraken/ws_book_update")];
    const stand = await tell(krakenLiveMarket, ...texts);
    expect(stand.troubles()).toHaveLength(1);
    expect(stand.troubles()[0]).toMatch(
      /^Cannot trust book of BTC\/USD: its checksum is \d+, wanted 2439117997$/,
    );
    expect(stand.of("book").every(({ book }) => book.bids.length === 0)).toBe(true);
  });

  test("answers and channels that nobody asked for are passed over", async () => {
    const names = [
      "ws_pong",
      "ws_ohlc_update",
      "ws_subscribe_response",
      "ws_add_order_response_failure",
    ];
    const stand = await tell(krakenLiveMarket, ...names.map((name) => sample(`kraken/${name}`)));
    expect(kindsOf(stand)).toEqual([]);
    expect(stand.market.status.counters).toMatchObject({ malformed: 0, gaps: 0 });
  });
});

describe.skipIf(!hasSamples)("Coinbase's samples", () => {
  test("the book's snapshot and its change make a book", async () => {
    const texts = [sample("coinbase/ws_l2_data_snapshot"), sample("coinbase/ws_l2_data_update")];
    const stand = await tell(coinbaseLiveMarket, ...texts);
    const { bids, asks } = stand.of("book").at(-1)?.book ?? { bids: [], asks: [] };
    expect([bids, asks]).toMatchObject([
      [
        { ticks: 689000, quantity: "2" },
        { ticks: 688995, quantity: "0.75" },
        { ticks: 688990, quantity: "2.3" },
      ],
      [
        { ticks: 689015, quantity: "1.2" },
        { ticks: 689020, quantity: "0.8" },
      ],
    ]);
  });

  test("the trades are prints, the taker's side being the other one", async () => {
    const stand = await tell(coinbaseLiveMarket, sample("coinbase/ws_market_trades"));
    expect(
      stand.of("print").map(({ print, isBuy }) => [print.ticks, print.quantity as string, isBuy]),
    ).toEqual([
      [689005, "0.0015", false],
      [689000, "0.05", true],
    ]);
  });

  test("the ticker is a quote", async () => {
    const stand = await tell(coinbaseLiveMarket, sample("coinbase/ws_ticker"));
    expect(stand.of("quote")).toMatchObject([{ bid: { ticks: 689000 }, ask: { ticks: 689010 } }]);
  });

  test("candles, heartbeats and confirmations are no news", async () => {
    for (const name of ["ws_candles", "ws_heartbeats", "ws_subscriptions"]) {
      const stand = await tell(coinbaseLiveMarket, sample(`coinbase/${name}`));
      expect(kindsOf(stand)).toEqual([]);
      expect(stand.market.status.counters).toMatchObject({ malformed: 0, gaps: 0 });
    }
  });

  test("the user's order is a report", () => {
    const reports: VenueReport[] = [];
    const flaws: string[] = [];
    const orders = new CoinbaseOrders({
      report: (report) => reports.push(report),
      malformed: (reason) => flaws.push(reason),
      fillsWanted: () => {},
    });
    const { events } = readWireMessage(sample("coinbase/ws_user")) as {
      events: { orders: unknown[] }[];
    };
    orders.read(events[0]?.orders ?? [], 1);
    expect({ reports, flaws }).toEqual({
      reports: [
        {
          type: "order",
          order: {
            venueOrderId: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            clientOrderId: "11111-000000-000001",
            symbol: "BTC/USD",
            side: "buy",
            type: "limit",
            quantity: "0.001",
            price: null,
            stopPrice: null,
            state: "open",
            filled: "0",
            reason: null,
            createdAt: Date.parse("2026-04-07T14:29:55.123Z"),
            updatedAt: 1,
          },
        },
      ] as VenueReport[],
      flaws: [],
    });
  });
});
