import { expect, test } from "bun:test";
import type { Refusal } from "../../../actors/order/ports.ts";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { AmendRequest } from "../../../machines/domain/order.ts";
import type { MatchingEngine } from "./engine.ts";
import { confirmedOrder, order, started, symbol, told } from "./scenario.fixture.ts";

function amendment(change: Partial<AmendRequest> = {}): AmendRequest {
  return {
    venueOrderId: "O1",
    clientOrderId: "a",
    symbol,
    quantity: decimal("1"),
    price: null,
    stopPrice: null,
    ...change,
  };
}

test("cancel() of a partly filled order confirms what it filled, and releases the rest", () => {
  const { engine, tape } = started({ volumeShare: 1 });
  engine.submit(order("sell", "limit", "1", { price: "105" }), tape.at);
  tape.to(106, 0.3);
  const after = confirmedOrder(
    engine.cancel({ venueOrderId: "O1", clientOrderId: "a", symbol }, tape.at),
  );
  expect([after.state, String(after.filled), engine.openOrders(tape.at)]).toEqual([
    "canceled",
    "0.3",
    [],
  ]);
  expect(String(engine.balances(tape.at)[0]?.held)).toBe("0");
});

test("cancel() and amend() refuse what is unknown, done, or another symbol's", () => {
  const { engine, tape } = started();
  engine.submit(order("buy", "limit", "1", { price: "95" }), tape.at);
  const code = (answer: ReturnType<MatchingEngine["cancel"]>) =>
    answer.type === "refused" ? answer.code : answer.type;
  const byId = { venueOrderId: "O1", clientOrderId: "a", symbol };
  expect([
    code(engine.cancel({ ...byId, venueOrderId: "O9" }, tape.at)),
    code(engine.cancel({ venueOrderId: null, clientOrderId: "z", symbol }, tape.at)),
    code(engine.cancel({ ...byId, symbol: "ETH/USD" }, tape.at)),
    code(engine.cancel(byId, tape.at)),
    code(engine.cancel(byId, tape.at)),
    code(engine.cancel({ ...byId, venueOrderId: null }, tape.at)),
    code(engine.amend(amendment(), tape.at)),
  ]).toEqual([
    "unknownOrder",
    "unknownOrder",
    "unknownOrder",
    "confirmed",
    "alreadyDone",
    "alreadyDone",
    "alreadyDone",
  ]);
});

test("amend() moves a limit, holds what it now needs, and the order meets the market anew", () => {
  const { engine, tape } = started();
  engine.submit(order("buy", "limit", "1", { price: "95" }), tape.at);
  const after = confirmedOrder(
    engine.amend(amendment({ price: decimal("98"), quantity: decimal("2") }), tape.at),
  );
  expect([after.price, after.quantity, after.venueOrderId].map(String)).toEqual(["98", "2", "O1"]);
  expect(String(engine.balances(tape.at)[1]?.held)).toBe("196.392");
  tape.to(97);
  expect(engine.fillsSince(0).map(told)).toEqual(["2 @ 98 maker"]);
});

test("amend() across the market takes", () => {
  const { engine, tape } = started();
  engine.submit(order("buy", "limit", "1", { price: "95" }), tape.at);
  tape.to(99);
  engine.amend(amendment({ price: decimal("101") }), tape.at);
  tape.to(97);
  expect(engine.fillsSince(0).map(told)).toEqual(["1 @ 99 taker"]);
});

test("amend() tightens a stop in place", () => {
  const { engine, tape } = started();
  engine.submit(order("sell", "stop", "1", { stop: "90" }), tape.at);
  engine.amend(amendment({ stopPrice: decimal("97") }), tape.at);
  tape.to(96);
  expect(engine.fillsSince(0).map(told)).toEqual(["1 @ 97 taker"]);
});

test("amend() down to what is filled ends the order as filled", () => {
  const { engine, tape } = started({ volumeShare: 1 });
  engine.submit(order("sell", "limit", "1", { price: "105" }), tape.at);
  tape.to(106, 0.3);
  const after = confirmedOrder(engine.amend(amendment({ quantity: decimal("0.3") }), tape.at));
  expect([after.state, engine.openOrders(tape.at).length]).toEqual(["filled", 0]);
});

const badAmendments: readonly [string, Partial<AmendRequest>, Refusal][] = [
  ["a quantity below what is filled", { quantity: decimal("0.2") }, "other"],
  ["a price between two ticks", { price: decimal("104.7") }, "offGrid"],
  ["a stop price of a limit", { stopPrice: decimal("90") }, "other"],
  ["more than there is to sell", { quantity: decimal("11") }, "insufficientFunds"],
  ["another symbol", { symbol: "ETH/USD" }, "unknownOrder"],
];

test.each(badAmendments)("amend() refuses %s and changes nothing", (_, change, code) => {
  const { engine, tape } = started({ volumeShare: 1 });
  engine.submit(order("sell", "limit", "1", { price: "105" }), tape.at);
  tape.to(106, 0.3);
  const before = [engine.openOrders(tape.at), engine.balances(tape.at)];
  const answer = engine.amend(amendment(change), tape.at);
  expect(answer.type === "refused" && answer.code).toBe(code);
  expect([engine.openOrders(tape.at), engine.balances(tape.at)]).toEqual(before);
});

test("amend() refuses to move a triggered stop, or a post-only order across the market", () => {
  const { engine, tape } = started({ volumeShare: 1 });
  engine.submit(order("sell", "stop", "1", { stop: "98" }), tape.at);
  engine.submit(order("buy", "limit", "1", { id: "b", price: "90", postOnly: true }), tape.at);
  tape.to(97, 0);
  const stop = engine.amend(amendment({ stopPrice: decimal("90") }), tape.at);
  const post = engine.amend(amendment({ venueOrderId: "O2", price: decimal("97") }), tape.at);
  expect([stop.type === "refused" && stop.code, post.type === "refused" && post.code]).toEqual([
    "alreadyDone",
    "wouldTakeLiquidity",
  ]);
});
