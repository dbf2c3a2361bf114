import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  add,
  compare,
  type Decimal,
  decimal,
  fromSteps,
  isNegative,
  multiply,
  negate,
  subtract,
  sum,
} from "../../../machines/domain/decimal.ts";
import type { OrderType } from "../../../machines/domain/order.ts";
import { MatchingEngine } from "./engine.ts";
import type { EngineOrder } from "./rows.ts";
import { allReports, instrument, keep, opening, order, symbol, ticks } from "./scenario.fixture.ts";
import type { MatchingSettings } from "./settings.ts";

const seed = 20_261_101;
const ether = { ...instrument, symbol: "ETH/USD", base: "ETH" };
const symbols = [symbol, ether.symbol];

interface Call {
  readonly kind: "submit" | "amend" | "cancel" | "tick" | "book" | "print" | "take" | "read";
  readonly symbol: string;
  readonly wait: number;
  readonly type: OrderType;
  readonly buys: boolean;
  readonly id: number;
  readonly lots: number;
  readonly price: number;
  readonly stop: number;
  readonly flag: boolean;
  readonly expires: number | null;
}

const call: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom(
    "submit",
    "submit",
    "submit",
    "tick",
    "tick",
    "tick",
    "amend",
    "cancel",
    "book",
    "print",
    "take",
    "read",
  ),
  symbol: fc.constantFrom(...symbols),
  wait: fc.integer({ min: 0, max: 2_000 }),
  type: fc.constantFrom("market", "limit", "stop", "stopLimit"),
  buys: fc.boolean(),
  id: fc.integer({ min: 0, max: 29 }),
  lots: fc.integer({ min: 5, max: 12_000 }),
  price: fc.integer({ min: 85, max: 115 }),
  stop: fc.integer({ min: 85, max: 115 }),
  flag: fc.boolean(),
  expires: fc.option(fc.integer({ min: 1, max: 5_000 }), { freq: 4 }),
});

const settings: fc.Arbitrary<Partial<MatchingSettings>> = fc.record({
  latencyMs: fc.constantFrom(0, 0, 700),
  slippageTicks: fc.constantFrom(0, 3),
  volumeShare: fc.constantFrom(null, 0.25),
  feeCoin: fc.constantFrom("quote" as const, "base" as const, {
    ...{ coin: "FEE", price: decimal("0.5") },
  }),
  memoryLimit: fc.constantFrom(3, 10_000),
  outboxLimit: fc.constantFrom(4, 10_000),
});

const held = { ...opening, ETH: decimal("50"), FEE: decimal("3") };

function engineFor(chosen: Partial<MatchingSettings>): MatchingEngine {
  return new MatchingEngine({
    instruments: [instrument, ether],
    balances: held,
    settings: chosen,
  });
}

/** Makes a call; answers everything that the engine said. */
function make(engine: MatchingEngine, each: Call, now: number): unknown {
  const price = fromSteps(each.price, decimal(1));
  const stop = fromSteps(each.stop, decimal(1));
  const quantity = fromSteps(each.lots, instrument.lot);
  const isLimit = each.type === "limit" || each.type === "stopLimit";
  const isStop = each.type === "stop" || each.type === "stopLimit";
  const size = fromSteps(each.lots, instrument.lot);
  switch (each.kind) {
    case "submit":
      return engine.submit(
        order(each.buys ? "buy" : "sell", each.type, quantity, {
          id: `c${each.id}`,
          symbol: each.symbol,
          ...(isLimit ? { price } : {}),
          ...(isStop ? { stop } : {}),
          postOnly: each.flag && each.type === "limit" && each.expires === null,
          ...(each.expires === null ? { ioc: false } : { expiresAt: now + each.expires }),
        }),
        now,
      );
    case "amend": {
      const open = engine.openOrders(now)[each.id];
      if (open === undefined) return null;
      const terms = { price: open.price && price, stopPrice: open.stopPrice && stop };
      const { venueOrderId, symbol: at } = open;
      const clientOrderId = open.clientOrderId ?? "";
      return engine.amend({ venueOrderId, clientOrderId, symbol: at, quantity, ...terms }, now);
    }
    case "cancel":
      return engine.cancel(
        { venueOrderId: null, clientOrderId: `c${each.id}`, symbol: each.symbol },
        now,
      );
    case "tick": {
      const volume = each.lots / 500;
      engine.tick(each.symbol, { at: now, ticks: ticks(each.price), gap: each.flag, volume });
      return null;
    }
    case "book": {
      const level = (far: number) => [{ ticks: ticks(each.price + far), quantity: size }];
      engine.book(each.symbol, { at: now, bids: level(-1), asks: level(1) });
      return null;
    }
    case "print":
      engine.print(each.symbol, { at: now, ticks: ticks(each.price), quantity: size });
      return null;
    case "take":
      return engine.takeReport();
    case "read":
      return look(engine, now);
  }
}

function look(engine: MatchingEngine, now: number): unknown {
  const ids = Array.from({ length: 30 }, (_, id) => engine.orderByClientId(`c${id}`, now));
  return [engine.openOrders(now), engine.balances(now), engine.fillsSince(0), ids];
}

/** The balances that the opening ones, our fills and their fees make. */
function balancesOfFills(rows: ReadonlyMap<string, unknown>): Map<string, Decimal> {
  const totals = new Map<string, Decimal>(Object.entries(held));
  const change = (coin: string, amount: Decimal) =>
    totals.set(coin, add(totals.get(coin) ?? decimal(0), amount));
  for (const [key, value] of rows) {
    if (!key.startsWith("trades/")) continue;
    const fill = value as { symbol: string; side: string; feeCoin: string } & Record<
      "price" | "quantity" | "fee",
      Decimal
    >;
    const bought = fill.side === "buy" ? fill.quantity : negate(fill.quantity);
    change(fill.symbol.slice(0, 3), bought);
    change("USD", negate(multiply(bought, fill.price)));
    change(fill.feeCoin, negate(fill.fee));
  }
  return totals;
}

function heldByOrders(rows: ReadonlyMap<string, unknown>, coin: string): Decimal {
  const orders = Array.from(rows).filter(([key]) => key.startsWith("orders/"));
  return sum(
    orders
      .map(([, value]) => value as EngineOrder)
      .filter((each) => (each.side === "buy" ? "USD" : each.symbol.slice(0, 3)) === coin)
      .map((each) => each.held),
  );
}

test(`balances change by fills and fees only, hold what orders hold (seed ${seed})`, () => {
  let fills = 0;
  const property = fc.property(
    settings,
    fc.array(call, { minLength: 40, maxLength: 120 }),
    (chosen, calls) => {
      const engine = engineFor(chosen);
      const rows = new Map<string, unknown>();
      let now = 0;
      for (const each of calls) {
        now += each.wait;
        make(engine, each, now);
        keep(rows, engine.changes());
        const expected = balancesOfFills(rows);
        for (const { coin, total, held } of engine.balances(now)) {
          expect(`${coin} ${total}`).toBe(`${coin} ${expected.get(coin)}`);
          expect(isNegative(held) || compare(total, held) < 0).toBe(false);
        }
        keep(rows, engine.changes());
        for (const { coin, held } of engine.balances(now)) {
          expect(`${coin} ${held}`).toBe(`${coin} ${heldByOrders(rows, coin)}`);
        }
      }
      for (const key of rows.keys()) if (key.startsWith("trades/")) fills += 1;
    },
  );
  fc.assert(property, { seed, numRuns: 60 });
  // The property says nothing of a market in which nobody ever trades.
  expect(fills).toBeGreaterThan(200);
});

test(`an order's fills sum to what it says, never beyond its quantity (seed ${seed})`, () => {
  const property = fc.property(settings, fc.array(call, { maxLength: 80 }), (chosen, calls) => {
    const engine = engineFor({ ...chosen, memoryLimit: 10_000, outboxLimit: 10_000 });
    let now = 0;
    for (const each of calls) {
      now += each.wait;
      if (each.kind !== "take") make(engine, each, now);
    }
    for (let id = 0; id < 30; id += 1) {
      const { orders, fills } = engine.orderByClientId(`c${id}`, now);
      for (const { venueOrderId, filled, quantity, state } of orders) {
        const own = fills.filter((fill) => fill.venueOrderId === venueOrderId);
        expect(sum(own.map((fill) => fill.quantity))).toBe(filled);
        expect(isNegative(subtract(quantity, filled))).toBe(false);
        expect(state === "filled").toBe(quantity === filled);
      }
    }
    const reported = allReports(engine).flatMap((report) =>
      report.type === "fill" ? [report.fill] : [],
    );
    expect(reported).toEqual([...engine.fillsSince(0)]);
  });
  fc.assert(property, { seed, numRuns: 60 });
});

test(`a copy restored at any moment goes on exactly as the original (seed ${seed})`, () => {
  const property = fc.property(
    settings,
    fc.array(call, { minLength: 40, maxLength: 120 }),
    fc.nat(),
    (chosen, calls, draw) => {
      const moment = draw % calls.length;
      // With few rows kept, what the copy is made from is just enough.
      const recordLimit = draw % 3 === 0 ? 100_000 : (chosen.memoryLimit ?? 10_000) + (draw % 3);
      const limited = { ...chosen, recordLimit };
      const original = engineFor(limited);
      let other = original;
      const rows = new Map<string, unknown>();
      let now = 0;
      for (const [index, each] of calls.entries()) {
        if (index === moment) {
          keep(rows, original.changes());
          other = engineFor(limited);
          other.restore(structuredClone(rows));
        }
        now += each.wait;
        const said = make(original, each, now);
        if (index < moment) {
          if (index % 3 === 0) keep(rows, original.changes());
          continue;
        }
        expect(make(other, each, now)).toEqual(said);
        expect(other.changes()).toEqual(original.changes());
      }
      expect(look(other, now)).toEqual(look(original, now));
      expect(allReports(other)).toEqual(allReports(original));
    },
  );
  fc.assert(property, { seed, numRuns: 150 });
});
