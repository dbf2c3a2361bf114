/** Several accounts of one Kraken on one port; those of Coinbase are in the conformance suite. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { call, still } from "./client.fixture.ts";
import type { Rehearsal, RehearsalRecord } from "./mod.ts";

const symbol = "BTC/USD";
const buy = { pair: "XBTUSD", type: "buy", volume: "0.01" };
let venue: Rehearsal;
let second: Rehearsal;

beforeAll(async () => {
  const accounts = { second: { USD: decimal(500), BTC: decimal(2) } };
  venue = await still({ controlPort: 0, accounts });
  second = { ...venue, ...venue.control.createKey({ account: "second" }) };
  venue.control.feedPoint(symbol, decimal(60_000), true);
});
afterAll(() => venue[Symbol.asyncDispose]());

const stateOf = (account?: string) =>
  venue.control.record(account).orders.map(({ state, quantity }) => `${state} ${quantity}`);

test("accounts have balances of their own", async () => {
  expect((await call(venue, "Balance")).result).toEqual({
    XXBT: "1.0000000000",
    ZUSD: "100000.0000",
  });
  expect((await call(second, "Balance")).result).toEqual({
    XXBT: "2.0000000000",
    ZUSD: "500.0000",
  });
  const refused = await call(second, "AddOrder", { ...buy, ordertype: "limit", price: "59000" });
  expect(refused.error).toEqual(["EOrder:Insufficient funds"]);
  venue.control.transfer("USD", decimal(99_500), "second");
  expect((await call(second, "Balance")).result.ZUSD).toBe("100000.0000");
  expect((await call(venue, "Balance")).result.ZUSD).toBe("100000.0000");
});

test("a nonce that one account used is new to another", async () => {
  const nonce = "99999999999999999";
  expect((await call(venue, "Balance", { nonce })).error).toEqual([]);
  expect((await call(second, "Balance", { nonce })).error).toEqual([]);
  expect((await call(second, "Balance", { nonce })).error).toEqual(["EAPI:Invalid nonce"]);
});

test("a key neither sees nor ends orders of another account", async () => {
  const orders = { ...buy, ordertype: "limit", price: "50000", cl_ord_id: "nv0000000000000001" };
  const nonce = (count: number) => ({ nonce: String(99_999_999_999_999_999n + BigInt(count)) });
  const placed = await call(venue, "AddOrder", { ...orders, ...nonce(1) });
  const others = await call(second, "AddOrder", { ...orders, volume: "0.02", ...nonce(1) });
  expect([placed.error, others.error]).toEqual([[], []]);
  const [txid = ""] = (placed.result as unknown as { txid: string[] }).txid;
  expect((await call(second, "CancelOrder", { txid, ...nonce(2) })).error).toEqual([
    "EOrder:Unknown order",
  ]);
  const seen = (await call(second, "OpenOrders", nonce(3))).result.open as object;
  expect(Object.keys(seen)).not.toContain(txid);
  await call(second, "CancelAll", nonce(4));
  expect([stateOf(), stateOf("second")]).toEqual([["open 0.01"], ["canceled 0.02"]]);
});

test("the record tells accounts apart, in the process and over the control port", async () => {
  venue.control.placeForeign({
    ...{ account: "second", symbol, side: "sell", type: "limit" },
    ...{ quantity: decimal("0.5"), price: decimal(61_000) },
  });
  venue.control.feedPoint(symbol, decimal(61_100));
  const told = (await (await fetch(`${venue.controlUrl}/records`)).json()) as RehearsalRecord[];
  expect(told.map(({ account, trades }) => [account, trades.length])).toEqual([
    ["main", 0],
    ["second", 1],
  ]);
  expect(told[1]).toEqual(JSON.parse(JSON.stringify(venue.control.record("second"))));
  expect(() => venue.control.record("third")).toThrow(
    'Cannot find account "third": wanted one of main, second',
  );
});
