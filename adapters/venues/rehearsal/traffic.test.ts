/** Many calls of one key at once, before venues that check each of them. */
import { afterEach, describe, expect, test } from "bun:test";
import ccxt from "ccxt";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import { CcxtVenue } from "../ccxt/mod.ts";
import { ccxtAt } from "./client.fixture.ts";
import { type Rehearsal, startRehearsal } from "./mod.ts";

const symbol = "BTC/USD";
const venues = ["kraken", "coinbase"] as const;
type Venue = (typeof venues)[number];

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** With every limit that an account of the middle tier has. */
async function rehearsal(venue: Venue): Promise<Rehearsal> {
  const limits = { tier: "intermediate", rest: true, engine: true };
  const started = await startRehearsal({
    ...{ venue, speed: "lockstep", nonceWindow: 0 },
    ...(venue === "kraken" && { limits }),
  });
  open.push(async () => {
    expect(started.control.problems).toEqual([]);
    await started[Symbol.asyncDispose]();
  });
  started.control.feedPoint(symbol, decimal(60_000));
  return started;
}

function deskAt(venue: Venue, { url, apiKey, secret, control }: Rehearsal): CcxtVenue {
  return new CcxtVenue({
    at: { venue, account: "main" },
    keys: { apiKey, secret },
    symbols: [symbol],
    urls: { rest: url },
    // The venue's own, which stands still: of twenty orders each is of the same millisecond.
    clock: {
      now: () => control.now,
      sleep: async (ms) => {
        control.advanceBy(Math.ceil(ms));
        await Bun.sleep(1);
      },
    },
    // A busy machine is no fault of the venue's.
    timeoutMs: 60_000,
  });
}

function order(number: number): OrderRequest {
  return {
    ...{ clientOrderId: `nv${String(number).padStart(16, "0")}`, symbol, side: "buy" },
    ...{ type: "limit", timeInForce: "gtc", quantity: decimal("0.001"), price: decimal(50_000) },
    ...{ stopPrice: null, postOnly: false, expiresAt: null },
  };
}

const twenty = Array.from({ length: 20 }, (_, index) => order(index + 1));

describe("twenty simultaneous orders", () => {
  test.each(venues)("are all placed at %s, with reads among them, and none twice", async (name) => {
    const venue = await rehearsal(name);
    const desk = deskAt(name, venue);
    await desk.instruments();
    const submits = twenty.map((each) => desk.submit(each));
    const reads = [desk.balances(), desk.openOrders(), desk.keyRights(), desk.balances()];
    const replies = await Promise.all([...submits, ...reads]);
    const wrong = replies.filter(({ type }) => type !== "confirmed");
    expect(wrong).toEqual([]);
    const { orders } = venue.control.record();
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual(
      twenty.map(({ clientOrderId }) => clientOrderId),
    );
  });

  test("of a client whose nonce is the clock's millisecond are refused at kraken but for one", async () => {
    const venue = await rehearsal("kraken");
    const client = ccxtAt(venue);
    open.push(() => client.close());
    client.nonce = () => venue.control.now;
    await client.loadMarkets();
    const tries = twenty.map(() => client.createOrder(symbol, "limit", "buy", 0.001, 50_000));
    const outcomes = await Promise.allSettled(tries);
    const refused = outcomes.filter(
      (each) => each.status === "rejected" && each.reason instanceof ccxt.InvalidNonce,
    );
    expect([refused.length, venue.control.record().orders.length]).toEqual([19, 1]);
  });
});

describe("a cancel behind a queue of reads", () => {
  test.each<[Venue, read: string, cancel: string]>([
    ["kraken", "BalanceEx", "CancelOrder"],
    ["coinbase", "accounts", "batch_cancel"],
  ])("at %s lets one request pass at most", async (name, read, cancel) => {
    const venue = await rehearsal(name);
    const desk = deskAt(name, venue);
    await desk.instruments();
    const placed = order(1);
    expect(await desk.submit(placed)).toMatchObject({ type: "confirmed" });
    const arrived = () => venue.control.requests.map(({ path }) => path.split("/").at(-1));
    const isRead = (path: string | undefined) => path === read;
    const reads = Array.from({ length: 10 }, () => desk.balances());
    while (!arrived().some(isRead)) await Bun.sleep(1);
    const asked = arrived().length;
    const canceled = desk.cancel({ ...placed, venueOrderId: null });
    const replies = await Promise.all([canceled, ...reads]);
    expect(replies.map(({ type }) => type)).toEqual(replies.map(() => "confirmed"));
    expect(replies[0]).toMatchObject({ value: { state: "canceled" } });
    const passed = arrived().indexOf(cancel) - asked;
    expect([passed === 0 || passed === 1, arrived().filter(isRead).length]).toEqual([true, 10]);
  });
});
