import { describe, expect, test } from "bun:test";
import { mayActAs, roles } from "./command.ts";
import { decimal } from "./decimal.ts";
import { accountKey, actorKinds, actorName, coinsOf, kindOf, positionId } from "./ids.ts";
import { type Instrument, priceOfTicks, sizeProblem, tickAbove } from "./instrument.ts";
import { type Candle, closedAt, timeframeMs } from "./market.ts";
import { addsExposure, isTerminal, venueOrderStates } from "./order.ts";

const at = { venue: "paper", account: "main" };

describe("ids", () => {
  test("split a symbol into its coins", () => {
    expect(coinsOf("BTC/USD")).toEqual({ base: "BTC", quote: "USD" });
    expect(coinsOf("1INCH/USD.M")).toEqual({ base: "1INCH", quote: "USD.M" });
  });

  test.each([["BTCUSD"], ["btc/usd"], ["BTC/"], ["/USD"], ["BTC/USD/EUR"], ["BTC /USD"], [""]])(
    "refuse the symbol %j",
    (symbol) => {
      expect(() => coinsOf(symbol)).toThrow(RangeError);
    },
  );

  test("name every actor so that its kind can be told", () => {
    const names = {
      desk: actorName.desk,
      feed: actorName.feed("BTC/USD"),
      scanner: actorName.scanner(at, "BTC/USD"),
      order: actorName.order(`${positionId(at, "BTC/USD", 7)}/entry`),
      position: actorName.position(positionId(at, "BTC/USD", 7)),
      account: actorName.account(at),
      reconciler: actorName.reconciler(at),
      breaker: actorName.breaker("dailyLoss/desk"),
      job: actorName.job("1"),
    };
    expect<string[]>(Object.values(names).map(kindOf)).toEqual(Object.keys(names));
    expect(Object.keys(names).sort()).toEqual([...actorKinds].sort());
    expect([names.position, accountKey(at)]).toEqual([
      "position:paper:main/BTC/USD/7",
      "paper:main",
    ]);
  });

  test.each([["intake"], ["orders:1"], [""]])("do not know the actor %j", (name) => {
    expect(() => kindOf(name)).toThrow(RangeError);
  });
});

describe("a timeframe", () => {
  test.each([
    ["1s", 1_000],
    ["5m", 300_000],
    ["4h", 14_400_000],
    ["1d", 86_400_000],
  ])("%s is %d ms", (text, wanted) => {
    expect(timeframeMs(text)).toBe(wanted);
  });

  test.each([["0m"], ["m"], ["1w"], ["-1m"], ["1.5h"], ["10000s"], ["1m "]])(
    "%j is none",
    (text) => {
      expect(() => timeframeMs(text)).toThrow(RangeError);
    },
  );

  test("ends a candle where the next one begins", () => {
    const candle = { openedAt: 60_000, timeframeMs: 60_000 } as Candle;
    expect(closedAt(candle)).toBe(120_000);
  });
});

describe("an instrument", () => {
  const rules: Instrument = {
    venue: "paper",
    symbol: "BTC/USD",
    base: "BTC",
    quote: "USD",
    tick: decimal("0.5"),
    lot: decimal("0.01"),
    minQuantity: decimal("0.05"),
    minNotional: decimal(10),
    makerFee: decimal("0.001"),
    takerFee: decimal("0.002"),
  };

  test.each([
    ["0.05", "200", null],
    ["0.1", "100", null],
    ["0.04", "1000", "belowMinQuantity"],
    ["0", "1000", "belowMinQuantity"],
    ["-1", "1000", "belowMinQuantity"],
    ["0.055", "1000", "offLot"],
    ["0.05", "199.5", "belowMinNotional"],
  ])("judges %s at %s: %p", (quantity, price, problem) => {
    expect(sizeProblem(rules, decimal(quantity), decimal(price))).toBe(problem as "offLot" | null);
  });

  test("counts prices in ticks", () => {
    expect([priceOfTicks(rules, 201), tickAbove(rules, decimal("100.5"))]).toEqual([
      decimal("100.5"),
      decimal(101),
    ]);
  });
});

test("of orders, only an entry adds exposure", () => {
  expect((["entry", "stop", "exit"] as const).filter(addsExposure)).toEqual(["entry"]);
});

test("of a venue's states, four are final", () => {
  expect(venueOrderStates.filter(isTerminal)).toEqual([
    "filled",
    "canceled",
    "expired",
    "rejected",
  ]);
});

test("a role may do what lesser ones may", () => {
  const table = roles.map((role) => roles.filter((needed) => mayActAs(role, needed)));
  expect(table).toEqual([["view"], ["view", "operate"], ["view", "operate", "admin"]]);
});
