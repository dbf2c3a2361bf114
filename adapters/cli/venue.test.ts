import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ccxt from "ccxt";
import { exitCode } from "./exit-codes.ts";

const main = join(import.meta.dir, "main.ts");
const fixture = join(import.meta.dir, "ccxt-client.fixture.ts");
const folder = mkdtempSync(join(tmpdir(), "venue-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));

function spawned(...options: string[]) {
  return Bun.spawn(["bun", main, "venue", "serve", ...options], {
    stdout: "pipe",
    stderr: "pipe",
    cwd: folder,
  });
}

/** Reads what it prints, up to where it says that it serves. */
async function announced(process: ReturnType<typeof spawned>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of process.stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (/^control: .*\n/m.test(text)) break;
  }
  return text.trimEnd().split("\n");
}

/** Asks the control channel, or tells it something. */
async function control(url: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return (await fetch(url + path, init)).json();
}

describe("novactor venue serve", () => {
  test("serves candles to an unmodified ccxt of another process, until it is stopped", async () => {
    const rows = Array.from({ length: 150 }, (_, index) => {
      const prices = [40_000, 40_050, 39_950, 40_010].map((price) => `${price + index}.5`);
      return [1_640_995_200_000 + index * 60_000, ...prices, 12].join(",");
    });
    const file = join(folder, "btc.csv");
    await Bun.write(file, `timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`);
    const files = ["--candles", file, "--symbol", "BTC/USD", "--timeframe", "1m"];
    const process = spawned("--venue", "kraken", "--speed", "lockstep", "--seed", "9", ...files);
    const lines = await announced(process);
    expect(lines.map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      "apiKey",
      "secret",
      "symbols",
      "listening",
      "control",
    ]);
    const said = Object.fromEntries(lines.map((line) => line.split(": "))) as Record<
      string,
      string
    >;
    const { apiKey = "", secret = "", listening: url = "", control: controlUrl = "" } = said;
    expect(said.symbols).toBe("BTC/USD");
    const client = new ccxt.kraken({ apiKey, secret, enableRateLimit: false });
    client.urls.api = { public: url, private: url };
    const candles = await client.fetchOHLCV("BTC/USD", "1m");
    expect(candles.length).toBeGreaterThanOrEqual(100);
    expect(candles[0]).toEqual([1_640_995_200_000, 40_000.5, 40_050.5, 39_950.5, 40_010.5, 12]);
    const { total } = (await client.fetchBalance()) as unknown as { total: object };
    expect(total).toEqual({ USD: 100_000, BTC: 1 });
    const { id = "" } = await client.createOrder("BTC/USD", "market", "buy", 0.01);
    await control(controlUrl, "/time", { byMs: 60_000 });
    expect((await client.fetchOrder(id)).status).toBe("closed");
    const { orders } = (await control(controlUrl, "/record")) as { orders: { orderId: string }[] };
    expect(orders.map(({ orderId }) => orderId)).toEqual([id]);
    process.kill("SIGTERM");
    expect(await process.exited).toBe(exitCode.ok);
    expect(await new Response(process.stderr).text()).toBe("");
  }, 30_000);

  test("a generated market runs by itself, and ends at an interrupt", async () => {
    const process = spawned("--venue", "kraken", "--speed", "60");
    const lines = await announced(process);
    expect(lines[2]).toBe("symbols: BTC/USD, ETH/USD, SOL/USD, ETH/BTC");
    expect(lines[3]).toMatch(/^listening: http:\/\/127\.0\.0\.1:\d+$/);
    process.kill("SIGINT");
    expect(await process.exited).toBe(exitCode.ok);
  }, 30_000);

  test("serves Coinbase to an unmodified ccxt, which takes its key as it is printed", async () => {
    const process = spawned("--venue", "coinbase", "--seed", "9");
    const lines = await announced(process);
    const said = Object.fromEntries(lines.map((line) => line.split(": "))) as Record<
      string,
      string
    >;
    const { apiKey = "", secret = "", listening: url = "", control: controlUrl = "" } = said;
    expect(said.symbols).toBe("BTC/USD, ETH/USD, SOL/USD, ETH/BTC");
    expect(apiKey).toMatch(/^organizations\/[0-9a-f-]{36}\/apiKeys\/[0-9a-f-]{36}$/);
    const client = new ccxt.coinbase({ apiKey, secret, enableRateLimit: false });
    client.urls.api = { rest: url };
    expect((await client.fetchOHLCV("BTC/USD", "1m")).length).toBeGreaterThanOrEqual(100);
    const { total } = (await client.fetchBalance()) as unknown as { total: object };
    expect(total).toMatchObject({ USD: 100_000, BTC: 1 });
    const { id = "" } = await client.createOrder("BTC/USD", "market", "sell", 0.01);
    expect((await client.fetchOrder(id)).status).toBe("closed");
    const { orders } = (await control(controlUrl, "/record")) as { orders: { orderId: string }[] };
    expect(orders.map(({ orderId }) => orderId)).toEqual([id]);
    process.kill("SIGTERM");
    expect(await process.exited).toBe(exitCode.ok);
    expect(await new Response(process.stderr).text()).toBe("");
  }, 30_000);

  test.each(["kraken", "coinbase"])(
    "%s: an unmodified ccxt of another process places, reads and cancels an order",
    async (venue) => {
      const rows = Array.from({ length: 150 }, (_, index) => {
        return [1_640_995_200_000 + index * 60_000, 40_000, 40_050, 39_950, 40_010, 12].join(",");
      });
      const file = join(folder, `btc-usd-1m-${venue}.csv`);
      await Bun.write(file, `timestamp_ms,open,high,low,close,volume\n${rows.join("\n")}\n`);
      const process = spawned("--venue", venue, "--candles", file);
      const lines = await announced(process);
      const said = new Map(lines.map((line) => [line.split(": ")[0], line.split(": ")[1]]));
      const given = ["listening", "apiKey", "secret"].map((name) => said.get(name) ?? "");
      const client = Bun.spawn(["bun", fixture, venue, ...given], { stdout: "pipe" });
      const told: unknown = JSON.parse(await new Response(client.stdout).text());
      expect(told).toMatchObject({
        ...{ total: { USD: 100_000, BTC: 1 }, open: [true], ended: "canceled", left: 0 },
        hasWatched: true,
      });
      const { candles, read, price } = told as { candles: number; read: unknown; price: number };
      expect(candles).toBeGreaterThanOrEqual(100);
      expect(read).toEqual(["open", 0.01, price]);
      process.kill("SIGTERM");
      expect(await process.exited).toBe(exitCode.ok);
      expect(await new Response(process.stderr).text()).toBe("");
    },
    120_000,
  );

  test.each([
    ["no venue", [], "--venue"],
    ["a venue that is not there", ["--venue", "x"], "Allowed choices are kraken, coinbase"],
    ["a speed that is none", ["--venue", "kraken", "--speed", "fast"], "lockstep"],
    ["a port that is none", ["--venue", "kraken", "--port", "70000"], "65535"],
    ["a file without its symbol", ["--venue", "kraken", "--candles", "x.csv"], "--symbol"],
  ])(
    "%s is refused with a reason",
    async (_, options, text) => {
      const process = spawned(...options);
      expect(await process.exited).toBe(exitCode.usage);
      expect(await new Response(process.stderr).text()).toContain(text);
    },
    30_000,
  );

  test.each(["--port", "--control-port"])(
    "%s of a port that is taken is told",
    async (option) => {
      using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
      const process = spawned("--venue", "kraken", option, `${taken.port}`);
      expect(await process.exited).toBe(exitCode.failure);
      expect(await new Response(process.stderr).text()).toMatch(/^Cannot serve on ports /);
    },
    30_000,
  );
});
