import { expect, test } from "bun:test";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { OrderRequest } from "../../../machines/domain/order.ts";
import type { BookLevel } from "./book-matching.ts";
import type { MatchingEngine } from "./engine.ts";
import { confirmedOrder, engineWith, order, symbol, ticks, told } from "./scenario.fixture.ts";

/** `side(["1", 100], ["2", 101])`: sizes at prices, best first. */
function side(...levels: readonly (readonly [string, number])[]): BookLevel[] {
  return levels.map(([quantity, price]) => ({ ticks: ticks(price), quantity: decimal(quantity) }));
}

const calm = { bids: side(["1", 99], ["2", 98]), asks: side(["1", 101], ["2", 102]) };

interface Row {
  readonly name: string;
  readonly request: OrderRequest;
  readonly market: (engine: MatchingEngine) => void;
  readonly state: string;
  readonly fills: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: "market buy takes level by level, and waits for more",
    request: order("buy", "market", "4"),
    market: (engine) => engine.book(symbol, { at: 1_000, ...calm }),
    state: "partial",
    fills: ["1 @ 101 taker", "2 @ 102 taker"],
  },
  {
    name: "market buy goes on at the next update, whose sizes are new",
    request: order("buy", "market", "4"),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.book(symbol, { at: 1_001, ...calm });
    },
    state: "filled",
    fills: ["1 @ 101 taker", "2 @ 102 taker", "1 @ 101 taker"],
  },
  {
    name: "limit sell that crosses takes up to its limit, the rest rests",
    request: order("sell", "limit", "2", { price: "99" }),
    market: (engine) => engine.book(symbol, { at: 1_000, ...calm }),
    state: "partial",
    fills: ["1 @ 99 taker"],
  },
  {
    name: "limit buy that rests fills at its limit when the opposite touch crosses it",
    request: order("buy", "limit", "2", { price: "100" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.book(symbol, { at: 1_001, bids: [], asks: side(["1.5", 99.5], ["9", 101]) });
    },
    state: "partial",
    fills: ["1.5 @ 100 maker"],
  },
  {
    name: "limit buy that rests fills by a print beyond it, up to its quantity",
    request: order("buy", "limit", "2", { price: "100" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.print(symbol, { at: 1_001, ticks: ticks(100), quantity: decimal("9") });
      engine.print(symbol, { at: 1_002, ticks: ticks(99.5), quantity: decimal("0.5") });
    },
    state: "partial",
    fills: ["0.5 @ 100 maker"],
  },
  {
    name: "postOnly that crosses is canceled",
    request: order("buy", "limit", "2", { price: "101", postOnly: true }),
    market: (engine) => engine.book(symbol, { at: 1_000, ...calm }),
    state: "canceled",
    fills: [],
  },
  {
    name: "ioc takes what is shown within its limit, the rest expires",
    request: order("buy", "limit", "2", { price: "101", ioc: true }),
    market: (engine) => engine.book(symbol, { at: 1_000, ...calm }),
    state: "expired",
    fills: ["1 @ 101 taker"],
  },
  {
    name: "stop sell triggers when the bid reaches it, and takes the bids",
    request: order("sell", "stop", "2", { stop: "98" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.book(symbol, { at: 1_001, bids: side(["1", 97.5], ["1", 97]), asks: [] });
    },
    state: "filled",
    fills: ["1 @ 97.5 taker", "1 @ 97 taker"],
  },
  {
    name: "stop sell triggered by a print takes from the next book",
    request: order("sell", "stop", "1", { stop: "98" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.print(symbol, { at: 1_001, ticks: ticks(98), quantity: decimal("1") });
      engine.book(symbol, { at: 1_002, ...calm });
    },
    state: "filled",
    fills: ["1 @ 99 taker"],
  },
  {
    name: "stopLimit triggered by the bid takes the bids within its limit",
    request: order("sell", "stopLimit", "2", { stop: "98", price: "96" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.book(symbol, { at: 1_001, bids: side(["1", 97], ["1", 95.5]), asks: [] });
    },
    state: "partial",
    fills: ["1 @ 97 taker"],
  },
  {
    name: "stopLimit triggered by a print takes from the next book",
    request: order("sell", "stopLimit", "1", { stop: "98", price: "96" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.print(symbol, { at: 1_001, ticks: ticks(97), quantity: decimal("1") });
      engine.book(symbol, { at: 1_002, bids: side(["1", 97]), asks: [] });
    },
    state: "filled",
    fills: ["1 @ 97 taker"],
  },
  {
    name: "stopLimit triggered rests where the bid is past its limit",
    request: order("sell", "stopLimit", "1", { stop: "98", price: "98" }),
    market: (engine) => {
      engine.book(symbol, { at: 1_000, ...calm });
      engine.book(symbol, { at: 1_001, bids: side(["5", 97]), asks: [] });
    },
    state: "triggered",
    fills: [],
  },
];

for (const { name, request, market, state, fills } of rows) {
  test(`fill rule with a book: ${name}`, () => {
    const engine = engineWith();
    engine.book(symbol, { at: 0, bids: side(["1", 99.5]), asks: side(["1", 102]) });
    confirmedOrder(engine.submit(request, 0));
    market(engine);
    const found = engine.orderByClientId("a", 2_000);
    expect({ state: String(found.orders[0]?.state), fills: found.fills.map(told) }).toEqual({
      state,
      fills: [...fills],
    });
  });
}

test("two orders share one update's sizes, in order of acceptance", () => {
  const engine = engineWith();
  engine.book(symbol, { at: 0, ...calm });
  engine.submit(order("buy", "market", "2", { id: "a" }), 0);
  engine.submit(order("buy", "market", "2", { id: "b" }), 0);
  engine.book(symbol, { at: 1, ...calm });
  expect(engine.fillsSince(0).map((fill) => `${fill.clientOrderId}: ${told(fill)}`)).toEqual([
    "a: 1 @ 101 taker",
    "a: 1 @ 102 taker",
    "b: 1 @ 102 taker",
  ]);
});
