/** Kraken's dead man's switch, at a venue whose time is moved by hand. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { CcxtVenue } from "../venues/ccxt/mod.ts";
import { startRehearsal } from "../venues/rehearsal/mod.ts";
import { keepArmed } from "./dead-mans-switch.ts";

setDefaultTimeout(120_000);

const symbol = "BTC/USD";
const timeoutMs = 60_000;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(5);
}

/** A venue with a protective stop resting, and a switch whose beats come when a test says so. */
async function world() {
  const rehearsal = await startRehearsal({ venue: "kraken", speed: "lockstep" });
  const { control, apiKey, secret, url } = rehearsal;
  const clock = { now: () => control.now, sleep: (ms: number) => Bun.sleep(ms) };
  const venue = new CcxtVenue({
    at: { venue: "kraken", account: "main" },
    ...{ keys: { apiKey, secret }, symbols: [symbol], urls: { rest: url }, clock },
    tier: "unlimited",
  });
  const placed = await venue.submit({
    ...{ clientOrderId: "nv0123456789abcdef", symbol, side: "sell", type: "stop" },
    ...{ quantity: decimal("0.01"), price: null, stopPrice: decimal(1_000) },
    ...{ timeInForce: "gtc", postOnly: false, expiresAt: null },
  });
  const beats: (() => void)[] = [];
  const delays: number[] = [];
  const troubles: string[] = [];
  const asked = () => control.requests.filter(({ name }) => name === "CancelAllOrdersAfter").length;
  const stop = keepArmed({
    cancelAllAfter: (ms) => venue.cancelAllAfter(ms),
    timeoutMs,
    timers: {
      ...{ now: () => 0, elapsed: () => 0 },
      after(delayMs, run) {
        delays.push(delayMs);
        beats.push(run);
        return () => beats.splice(0);
      },
    },
    onTrouble: (text) => troubles.push(text),
  });
  await until(() => beats.length === 1);
  return {
    ...{ control, placed, delays, troubles, asked, stop },
    state: () => control.record().orders.map((order) => order.state),
    /** Time passes at the venue, and then the desk gives its next sign of life. */
    async beat(afterMs: number) {
      control.advanceBy(afterMs);
      beats.shift()?.();
      await until(() => beats.length === 1);
    },
    [Symbol.asyncDispose]: () => rehearsal[Symbol.asyncDispose](),
  };
}

test("as long as the desk lives, its orders do", async () => {
  await using at = await world();
  expect(at.placed.type).toBe("confirmed");
  for (let beat = 0; beat < 5; beat += 1) await at.beat(20_000);
  expect([at.state(), at.asked(), at.troubles]).toEqual([["open"], 6, []]);
  expect(new Set(at.delays)).toEqual(new Set([20_000]));
});

test("without a sign of life the venue cancels all, the protective stop too", async () => {
  await using at = await world();
  at.control.advanceBy(timeoutMs - 1);
  expect(at.state()).toEqual(["open"]);
  at.control.advanceBy(1);
  expect(at.state()).toEqual(["canceled"]);
});

test("an orderly end calls it off, once", async () => {
  await using at = await world();
  await Promise.all([at.stop(), at.stop()]);
  at.control.advanceBy(10 * timeoutMs);
  expect([at.state(), at.asked(), at.troubles]).toEqual([["open"], 2, []]);
});

test("a beat that fails is told once, until one succeeds, and the next ones are tried", async () => {
  await using at = await world();
  const target = "CancelAllOrdersAfter";
  at.control.orderFault({ name: "refuse", count: 2, text: "EService:Busy", target });
  await at.beat(1_000);
  await at.beat(1_000);
  expect(at.troubles).toHaveLength(1);
  expect(at.troubles[0]).toStartWith("the dead man's switch was not renewed");
  await at.beat(1_000);
  at.control.orderFault({ name: "refuse", text: "EService:Busy", target });
  await at.beat(1_000);
  expect(at.troubles).toHaveLength(2);
});

test("a venue without one says so", async () => {
  await using rehearsal = await startRehearsal({ venue: "coinbase" });
  const { apiKey, secret, url } = rehearsal;
  const venue = new CcxtVenue({
    at: { venue: "coinbase", account: "main" },
    ...{ keys: { apiKey, secret }, symbols: [symbol], urls: { rest: url } },
  });
  expect(await venue.cancelAllAfter(timeoutMs)).toMatchObject({
    type: "refused",
    code: "unsupported",
  });
});
