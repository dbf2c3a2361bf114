/**
 * The measured traps of ccxt's own streams: what happens without the cure, which is a client of our
 * own (`adapters/venues/streams`). If a new version heals one, its test fails and says so.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createServer } from "node:net";
import { decimal } from "../../../machines/domain/decimal.ts";
import { ccxtAt, still } from "./client.fixture.ts";

setDefaultTimeout(120_000);

const symbol = "BTC/USD";

describe("ccxt's streams at kraken", () => {
  test("give a second timeframe of one symbol the first one's candles", async () => {
    await using venue = await still();
    const client = ccxtAt(venue);
    const first = client.watchOHLCV(symbol, "1m");
    const second = client.watchOHLCV(symbol, "5m");
    venue.control.advanceBy(1_000);
    venue.control.feedPrint(symbol, decimal(60_000), decimal("0.1"));
    const [minutes, fives] = await Promise.all([first, second]);
    expect(fives).toEqual(minutes);
    const [before, last] = fives.slice(-2).map(([openedAt]) => Number(openedAt));
    expect(Number(last) - Number(before)).toBe(60_000);
    await client.close();
  });

  test("tell an order without the client id that it was sent with, and pass over a gap", async () => {
    await using venue = await still();
    venue.control.feedPoint(symbol, decimal(60_000));
    const client = ccxtAt(venue);
    await client.loadMarkets();
    const watched = client.watchOrders();
    const clientOrderId = "nv00112233445566ab";
    // The stream answers once it is subscribed: an order is placed until one is told of.
    let isTold = false;
    const told = watched.finally(() => {
      isTold = true;
    });
    for (let tries = 0; !isTold && tries < 500; tries += 1) {
      await client.createOrder(symbol, "limit", "buy", 0.01, 50_000 - tries, {
        clientOrderId: `${clientOrderId.slice(0, 15)}${String(tries).padStart(3, "0")}`,
      });
      await Bun.sleep(20);
    }
    const [order] = await told;
    expect(order?.clientOrderId?.startsWith("nv") ?? false).toBe(false);
    // Nor is a hole in the numbers of its messages noticed.
    venue.control.orderFault({ name: "sequenceGap", on: ["stream"], target: "executions" });
    const next = client.watchOrders();
    await client.createOrder(symbol, "limit", "buy", 0.01, 40_000);
    expect((await next).length).toBeGreaterThan(0);
    expect(venue.control.pendingFaults).toEqual([]);
    await client.close();
  });

  test("take a book whose checksum is wrong", async () => {
    await using venue = await still();
    const client = ccxtAt(venue);
    await client.loadMarkets();
    await client.watchOrderBook(symbol);
    venue.control.orderFault({ name: "wrongChecksum", on: ["stream"], target: "book" });
    const next = client.watchOrderBook(symbol);
    venue.control.feedPoint(symbol, decimal(61_000));
    const book = await next;
    expect([book.bids.length > 0, venue.control.pendingFaults]).toEqual([true, []]);
    await client.close();
  });

  test("end the process where a server takes the line and never answers", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const script = `
      import ccxt from "ccxt";
      const ws = "ws://127.0.0.1:${port}";
      const client = new ccxt.pro.kraken({ enableRateLimit: false });
      client.urls.api.ws = { public: ws, private: ws, publicV2: ws + "/v2", privateV2: ws + "/v2" };
      client.httpAgent = {};
      client.options.ws = { options: {} };
      client.streaming = { ...client.streaming, connectionTimeout: 100 };
      client.markets = {};
      client.market = () => ({ symbol: "BTC/USD", wsId: "XBT/USD", id: "XXBTZUSD" });
      client.loadMarkets = async () => ({});
      client.watchTicker("BTC/USD").catch(() => console.log("told"));
      setTimeout(() => { console.log("alive"); process.exit(0); }, 20_000);
    `;
    const { exited, stderr } = Bun.spawn(
      [process.execPath, "--conditions=development", "-e", script],
      {
        ...{ cwd: import.meta.dir, stdout: "ignore", stderr: "pipe" },
      },
    );
    const [code, text] = await Promise.all([exited, new Response(stderr).text()]);
    silent.close();
    expect([code === 0, text.includes("1006")]).toEqual([false, true]);
  });
});
