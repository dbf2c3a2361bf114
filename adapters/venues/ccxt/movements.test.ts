import { describe, expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import { readTransactions } from "./coinbase-transactions.ts";
import { readMovements } from "./kraken-ledgers.ts";
import { stand } from "./venues.fixture.ts";

describe("kraken's ledger", () => {
  const entry = (parts: object) => ({
    ...{ refid: "R1", time: "1700000000.1234", type: "deposit", subtype: "", aclass: "currency" },
    ...{ asset: "ZUSD", amount: "100.0000", fee: "0.5000", balance: "99.5000", ...parts },
  });

  test("is read by the venue's id, fees taken off, trades left out", () => {
    const movements = readMovements({
      L1: entry({}),
      L2: entry({
        type: "withdrawal",
        asset: "XXBT",
        amount: "-0.2500000000",
        fee: "0.0001000000",
      }),
      L3: entry({ type: "trade" }),
      L4: entry({ type: "staking", asset: "XBT.F", amount: "0.00000012", fee: "0" }),
    });
    expect(
      movements.map(({ id, coin, amount, kind, text }) => [id, coin, amount, kind, text]),
    ).toEqual([
      ["L1", "USD", "99.5", "deposit", "deposit"],
      ["L2", "BTC", "-0.2501", "withdrawal", "withdrawal"],
      ["L4", "BTC.F", "0.00000012", "other", "staking"],
    ] as never);
    expect(movements[0]?.at).toBe(1_700_000_000_123);
  });

  test.each(["type", "asset", "amount", "fee", "time"])(
    "without %s is not read at all",
    (field) => {
      expect(() => readMovements({ L1: entry({ [field]: undefined }) })).toThrow(field);
    },
  );
});

describe("coinbase's transactions", () => {
  const entry = (parts: object) => ({
    ...{ id: "t1", type: "fiat_deposit", status: "completed", created_at: "2026-01-02T03:04:05Z" },
    ...{ amount: { amount: "12.50", currency: "USD" }, ...parts },
  });
  const money = (amount: string) => ({ amount, currency: "BTC" });

  test("are read by the venue's id, fills of orders and what is pending left out", () => {
    const { movements, lastId, oldestAt } = readTransactions([
      entry({}),
      entry({ id: "t2", type: "send", amount: money("-0.5") }),
      entry({ id: "t3", type: "advanced_trade_fill" }),
      entry({ id: "t4", status: "pending" }),
      entry({ id: "t5", type: "earn_payout", amount: money("0.001") }),
      entry({ id: "t6", type: "receive", amount: money("1"), created_at: "2026-01-01T00:00:00Z" }),
    ]);
    expect(movements.map(({ id, coin, amount, kind }) => [id, coin, amount, kind])).toEqual([
      ["t1", "USD", "12.5", "deposit"],
      ["t2", "BTC", "-0.5", "withdrawal"],
      ["t5", "BTC", "0.001", "other"],
      ["t6", "BTC", "1", "deposit"],
    ] as never);
    expect([lastId, oldestAt]).toEqual(["t6", Date.UTC(2026, 0, 1)]);
    expect(movements[0]?.at).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  });

  test("of which there are none end the list", () => {
    expect(readTransactions([])).toMatchObject({ movements: [], lastId: null });
  });

  test.each(["id", "type", "status", "amount", "created_at"])(
    "without %s are not read at all",
    (field) => {
      expect(() => readTransactions([entry({ [field]: undefined })])).toThrow(field);
    },
  );
});

test("binance.us is not asked what moved a coin, and says so", async () => {
  await using world = await stand("binanceus");
  expect(await world.venue.movementsSince(0, ["USD"])).toEqual({
    type: "refused",
    code: "unsupported",
    text: "Cannot ask binanceus what moved USD: it is not read there",
  });
});

test("what each venue keeps balances in is a step below a cent, and coinbase's is not known", async () => {
  const steps = await Promise.all(
    (["kraken", "coinbase", "binanceus"] as const).map(async (venue) => {
      await using world = await stand(venue);
      return world.venue.assumptions.balanceSteps;
    }),
  );
  expect(steps.map((each) => each?.USD ?? each?.["*"])).toEqual([
    decimal("0.0001"),
    undefined,
    decimal("0.00000001"),
  ]);
});
