/** A clock that was set back between two processes: Kraken has seen higher nonces than ours. */
import { describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { type Rehearsal, startRehearsal } from "../rehearsal/mod.ts";
import { CcxtVenue } from "./ccxt-venue.ts";
import { StrictNonce } from "./clock.ts";
import { hardened } from "./hardened.ts";
import { limitBuy } from "./venues.fixture.ts";

const symbol = "BTC/USD";
const hour = 3_600_000;
const day = 24 * hour;

const opened = (): Promise<Rehearsal> =>
  startRehearsal({ venue: "kraken", limits: { rest: false, engine: false } });

/** The clock of a process that is so far behind the one before it. */
const behind = (ms: number) => ({
  now: () => Date.now() - ms,
  sleep: (wait: number) => Bun.sleep(Math.min(wait, 5)),
});

function process_({ apiKey, secret, url }: Rehearsal, behindMs: number) {
  const notices: string[] = [];
  const venue = new CcxtVenue({
    ...{ at: { venue: "kraken", account: "main" }, keys: { apiKey, secret }, symbols: [symbol] },
    ...{ urls: { rest: url }, tier: "unlimited", clock: behind(behindMs), timeoutMs: 60_000 },
    onNotice: ({ code }) => notices.push(code),
  });
  return { venue, notices };
}

const served = (rehearsal: Rehearsal, name: string) =>
  rehearsal.control.requests.filter(({ path }) => path.endsWith(`/${name}`)).length;

describe("a clock that was set back between two processes", () => {
  test("without the cure has every private call refused until it has caught up", async () => {
    await using rehearsal = await opened();
    await process_(rehearsal, 0).venue.balances();
    const { apiKey, secret, url } = rehearsal;
    const plain = hardened({
      ...{ venue: "kraken", keys: { apiKey, secret }, restUrl: url },
      ...{ clock: behind(hour), timeoutMs: 60_000 },
    });
    for (let tries = 0; tries < 3; tries += 1) {
      const error = await plain.request("BalanceEx", "private", "POST", {}).catch((each) => each);
      expect(String(error)).toContain("EAPI:Invalid nonce");
    }
  });

  test.each([
    ["a minute", 60_000],
    ["three hours", 3 * hour],
    ["ten days", 10 * day],
  ])("by %s is caught up with by the first read, and orders follow", async (_, ms) => {
    await using rehearsal = await opened();
    expect((await process_(rehearsal, 0).venue.balances()).type).toBe("confirmed");
    const { venue, notices } = process_(rehearsal, ms);
    expect((await venue.balances()).type).toBe("confirmed");
    expect(new Set(notices)).toEqual(new Set(["nonceRaised"]));
    const raised = notices.length;
    const reply = await venue.openOrders();
    expect([reply.type, notices.length]).toEqual(["confirmed", raised]);
  });

  test("does not have an order sent twice: it is unknown, looked up, and absent", async () => {
    await using rehearsal = await opened();
    rehearsal.control.feedPoint(symbol, decimal(60_000));
    const { venue } = process_(rehearsal, 0);
    await venue.instruments();
    rehearsal.control.orderFault({ name: "invalidNonce", on: ["submit"] });
    const reply = await venue.submit(limitBuy);
    expect([reply.type, served(rehearsal, "AddOrder")]).toEqual(["unknown", 1]);
    const found = await venue.lookUp(limitBuy.clientOrderId, symbol);
    expect(found).toEqual({ type: "confirmed", value: { orders: [], fills: [] } });
    expect(rehearsal.control.record().orders).toEqual([]);
  });

  test("has a cancel sent again: it ends the same order, however often it is asked", async () => {
    await using rehearsal = await opened();
    rehearsal.control.feedPoint(symbol, decimal(60_000));
    const { venue } = process_(rehearsal, 0);
    const placed = await venue.submit(limitBuy);
    if (placed.type !== "confirmed") throw new Error(`Cannot place: ${JSON.stringify(placed)}`);
    const { venueOrderId } = placed.value;
    rehearsal.control.orderFault({ name: "invalidNonce", on: ["cancel"] });
    const { clientOrderId } = limitBuy;
    const reply = await venue.cancel({ venueOrderId, clientOrderId, symbol });
    expect(reply).toMatchObject({ type: "confirmed", value: { state: "canceled" } });
    expect(served(rehearsal, "CancelOrder")).toBe(2);
  });

  test("further than the last raise ends in an error, not in a loop", async () => {
    await using rehearsal = await opened();
    await process_(rehearsal, 0).venue.balances();
    const { venue, notices } = process_(rehearsal, 60 * day);
    const reply = await venue.balances();
    expect(reply).toMatchObject({ type: "unknown", cause: expect.stringContaining("nonce") });
    expect(notices.length).toBe(7);
  });
});

test("a raised nonce stays above the clock and all before it", () => {
  let now = 1_000;
  const nonce = new StrictNonce({ now: () => now });
  const first = nonce.next();
  nonce.raise(500);
  now = 900;
  const second = nonce.next();
  now = 5_000;
  expect([first, second, nonce.next()]).toEqual([1_000, 1_501, 5_000]);
});
