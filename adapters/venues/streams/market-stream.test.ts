/** A live market over a real socket, its clock moved by hand: bars, and an end that leaves nothing. */
import { afterEach, describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { type KrakenMarketOptions, krakenLiveMarket } from "./kraken-market.ts";
import type { CandleHistory, PolledMarket } from "./live-market.ts";
import { ManualTimers, settled } from "./manual-timers.fixture.ts";
import { liveMarket, type MarketStand, marketStand } from "./market-stand.fixture.ts";
import { RestPolling } from "./rest-polling.ts";
import { type Peer, ScriptedServer, until } from "./scripted-server.fixture.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const minute = 60_000;
const start = Date.parse("2026-11-20T12:00:00Z");

function confirm(peer: Peer, message: Record<string, unknown>): void {
  if (message.method === "ping") peer.send('{"method":"pong"}');
  if (message.method !== "subscribe") return;
  const { channel } = message.params as { channel: string };
  const result = { channel, symbol: "BTC/USD" };
  peer.send(JSON.stringify({ method: "subscribe", result, success: true, req_id: message.req_id }));
}

const trade = (id: number, price: number, type = "update") =>
  `{"channel":"trade","type":"${type}","data":[{"symbol":"BTC/USD","side":"buy","price":${price},` +
  `"qty":0.5,"trade_id":${id},"timestamp":"2026-11-20T12:00:00Z"}]}`;

interface Timed extends MarketStand {
  readonly timers: ManualTimers;
  /** The venue beats and time passes, a second at a time. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly bars: () => (readonly [number, number, string])[];
}

function stand(options: Partial<KrakenMarketOptions> = {}): Timed {
  const timers = new ManualTimers(start);
  const all = marketStand<KrakenMarketOptions>(
    open,
    krakenLiveMarket,
    { received: confirm },
    { timers, timeframeMs: minute, ...options },
  );
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      const before = all.market.status.counters.messages;
      all.server.send('{"channel":"heartbeat"}');
      await until("the heartbeat", () => all.market.status.counters.messages > before);
      await timers.pass(1_000);
    }
  };
  const bars = () =>
    all.of("candle").map(({ candle, source }) => {
      return [(candle.openedAt - start) / minute, candle.close, source] as const;
    });
  return { ...all, timers, pass, bars };
}

describe("a live market's bars", () => {
  test("are closed by the clock, quiet ones too, while the venue beats", async () => {
    const all = stand();
    await liveMarket(all);
    all.server.send(trade(1, 100.0), trade(2, 100.4));
    await until("the prints", () => all.of("print").length === 2);
    await all.pass(125);
    expect(all.bars()).toEqual([
      [0, 1004, "prints"],
      [1, 1004, "prints"],
    ]);
    expect(all.of("candle")[0]?.candle).toMatchObject({ open: 1000, high: 1004, volume: 1 });
  });

  test("are read where the line was down in them, and the feed goes on", async () => {
    const asked: number[] = [];
    const all = stand({
      candles: async (_symbol, since): Promise<CandleHistory> => {
        asked.push((since - start) / minute);
        const close = 999;
        const prices = { open: close, high: close, low: close, close };
        const candle = {
          symbol: "BTC/USD",
          openedAt: since,
          timeframeMs: minute,
          ...prices,
          volume: 3,
        };
        return { from: since, until: since + minute, candles: [candle] };
      },
    });
    await liveMarket(all);
    all.server.send(trade(1, 100.0));
    await until("the print", () => all.of("print").length === 1);
    await all.pass(30);
    all.server.peer?.close(1012);
    await until("the drop", () => all.market.status.state === "down");
    await all.timers.pass(1_000);
    await until("another connection", () => all.server.connections === 2);
    await liveMarket(all);
    await all.pass(40);
    all.server.send(trade(2, 100.7));
    await until("the print", () => all.of("print").length === 2);
    await all.pass(60);
    await settled();
    expect(asked).toEqual([0]);
    expect(all.bars()).toEqual([
      [0, 999, "history"],
      [1, 1007, "prints"],
    ]);
  });

  test("a print that comes with the close is of the next bar", async () => {
    const all = stand();
    await liveMarket(all);
    all.server.send(trade(1, 100.0));
    await until("the print", () => all.of("print").length === 1);
    await all.pass(60);
    all.server.send(trade(2, 105.0));
    await until("the print", () => all.of("print").length === 2);
    await all.pass(60);
    expect(all.bars().map(([, close]) => close)).toEqual([1000, 1050]);
  });

  test("a print that comes before the process finds time to close a bar is of the next one", async () => {
    const all = stand();
    await liveMarket(all);
    all.server.send(trade(1, 100.0));
    await until("the print", () => all.of("print").length === 1);
    await all.pass(57);
    all.timers.jump(4_000);
    all.server.send(trade(2, 105.0));
    await until("the print", () => all.of("print").length === 2);
    expect(all.bars()).toEqual([[0, 1000, "prints"]]);
  });

  test("a machine that slept does not take its sleep for a quiet market", async () => {
    const asked: number[] = [];
    const all = stand({
      candles: async (_symbol, since) => {
        asked.push((since - start) / minute);
        return { from: since, until: since, candles: [] };
      },
    });
    await liveMarket(all);
    all.server.send(trade(1, 100.0));
    await until("the print", () => all.of("print").length === 1);
    all.timers.jump(10 * minute);
    all.server.send(trade(2, 105.0));
    await until("the print", () => all.of("print").length === 2);
    expect([all.bars(), asked]).toEqual([[], [0]]);
  });

  test("closed, no timer is left", async () => {
    const all = stand();
    await liveMarket(all);
    all.market.close();
    expect(all.timers.pending).toBe(0);
  });
});

describe("polling by REST", () => {
  test("goes on while the streams stay down, and ends when they are live", async () => {
    let polls = 0;
    const level = [{ ticks: 1000, quantity: decimal("1") }];
    const all = stand({
      poll: async () => {
        polls += 1;
        return { bids: level, asks: level };
      },
    });
    await liveMarket(all);
    await all.pass(30);
    expect(polls).toBe(0);
    all.server.deaf = true;
    all.server.peer?.close(1012);
    await until("the drop", () => all.market.status.state === "down");
    await all.timers.pass(14_000);
    expect(polls).toBe(0);
    await all.timers.pass(20_000);
    expect(polls).toBeGreaterThanOrEqual(4);
    all.server.deaf = false;
    for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
      if (all.market.status.state === "live") break;
      await all.timers.pass(10);
      await Bun.sleep(1);
    }
    await liveMarket(all);
    const before = polls;
    await all.pass(30);
    expect(polls).toBe(before);
  });

  test("does not tell an answer that comes after its end", async () => {
    const timers = new ManualTimers(start);
    const answers: ((market: PolledMarket) => void)[] = [];
    const told: string[] = [];
    const polling = new RestPolling({
      symbols: ["BTC/USD", "ETH/USD"],
      everyMs: 1_000,
      timers,
      poll: () => new Promise((resolve) => answers.push(resolve)),
      told: (symbol) => told.push(symbol),
      failed: () => {},
    });
    polling.start();
    const answer = async () => {
      answers.shift()?.({ bids: [], asks: [] });
      await settled();
    };
    await answer();
    expect([told, answers.length]).toEqual([["BTC/USD"], 1]);
    polling.stop();
    await answer();
    await timers.pass(10_000);
    expect([told, answers.length, timers.pending]).toEqual([["BTC/USD"], 0, 0]);
  });
});

describe("streams that are closed", () => {
  test("let the process end by itself", async () => {
    const server = new ScriptedServer({ received: confirm });
    open.push(() => void server.stop());
    const path = new URL("./mod.ts", import.meta.url).pathname;
    const code = `
      import { coinbasePrivateStream, krakenLiveMarket, krakenPrivateStream } from ${JSON.stringify(path)};
      const url = ${JSON.stringify(server.url)};
      const draw = () => 0.5;
      const instrument = { symbol: "BTC/USD", tick: "0.1", lot: "0.00000001" };
      const streams = [
        krakenPrivateStream({ url, draw, token: () => new Promise(() => {}) }),
        coinbasePrivateStream({ url: "ws://127.0.0.1:1", draw, jwt: () => "jwt" }),
        krakenLiveMarket({
          url, draw, instruments: [instrument], timeframeMs: 60_000,
          candles: () => new Promise(() => {}), poll: () => new Promise(() => {}),
        }),
      ];
      streams[2].onEvent((event) => {
        if (event.type !== "connection" || event.status.state !== "live") return;
        setImmediate(() => { for (const stream of streams) stream.close(); console.log("closed"); });
      });
      for (const stream of streams) stream.start();
    `;
    const child = Bun.spawn([process.execPath, "--conditions=development", "-e", code], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [exitCode, text, errors] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect({ exitCode, text, errors }).toEqual({ exitCode: 0, text: "closed\n", errors: "" });
  });
});
