import { expect, test } from "bun:test";
import {
  allReports,
  buy,
  engineWith,
  type FillRow,
  order,
  outcome,
  sell,
  Tape,
  through,
  told,
} from "./scenario.fixture.ts";

const rows: readonly FillRow[] = [
  {
    name: "market buy takes at the price of its arrival, not at where the path ends",
    request: buy("market"),
    market: through(90),
    state: "filled",
    fills: ["1 @ 100 taker"],
  },
  {
    name: "market buy that meets a gap takes at the gap's price",
    request: buy("market"),
    market: (tape) => tape.gap(103),
    state: "filled",
    fills: ["1 @ 103 taker"],
  },
  {
    name: "market buy pays slippage in ticks and as a share of the price, rounded up",
    request: buy("market"),
    settings: { slippageTicks: 2, slippageShare: 0.001 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 101.5 taker"],
  },
  {
    name: "market sell pays slippage downward",
    request: sell("market"),
    settings: { slippageTicks: 2 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 99 taker"],
  },
  {
    name: "market buy pays half of a spread, rounded up, and slippage beyond it",
    request: buy("market"),
    settings: { spreadTicks: 3, slippageTicks: 1 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 101.5 taker"],
  },
  {
    name: "market sell pays half of a spread downward",
    request: sell("market"),
    settings: { spreadTicks: 4 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 99 taker"],
  },
  {
    name: "a resting limit pays no spread",
    request: buy("limit", { price: "95" }),
    settings: { spreadTicks: 4 },
    market: through(90),
    state: "filled",
    fills: ["1 @ 95 maker"],
  },
  {
    name: "market buy with latency takes at the path's price when it arrives",
    request: buy("market"),
    settings: { latencyMs: 500 },
    market: through(110),
    state: "filled",
    fills: ["1 @ 105 taker"],
  },
  {
    name: "an arrival between two ticks is rounded against a buy",
    request: buy("market"),
    settings: { latencyMs: 333 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 100.5 taker"],
  },
  {
    name: "an arrival between two ticks is rounded against a sell",
    request: sell("market"),
    settings: { latencyMs: 333 },
    market: through(101),
    state: "filled",
    fills: ["1 @ 100 taker"],
  },
  {
    name: "market buy that has not arrived yet waits",
    request: buy("market"),
    settings: { latencyMs: 1_500 },
    market: through(101),
    state: "open",
    fills: [],
  },
  {
    name: "market buy, what is left takes at each following point's price",
    request: buy("market"),
    settings: { volumeShare: 0.5 },
    market: (tape) => {
      tape.to(101, 0.8);
      tape.to(102, 0.6);
      tape.to(103, 2);
    },
    state: "filled",
    fills: ["0.4 @ 100 taker", "0.3 @ 102 taker", "0.3 @ 103 taker"],
  },
  {
    name: "limit buy marketable on arrival takes at the better market price",
    request: buy("limit", { price: "104" }),
    market: through(90),
    state: "filled",
    fills: ["1 @ 100 taker"],
  },
  {
    name: "limit buy marketable on arrival never pays slippage beyond its limit",
    request: buy("limit", { price: "101" }),
    settings: { slippageTicks: 10 },
    market: through(100),
    state: "filled",
    fills: ["1 @ 101 taker"],
  },
  {
    name: "limit sell marketable on arrival takes at the better market price",
    request: sell("limit", { price: "97" }),
    market: through(100),
    state: "filled",
    fills: ["1 @ 100 taker"],
  },
  {
    name: "limit buy marketable on arrival, what is left rests at its limit",
    request: buy("limit", { price: "101" }),
    settings: { volumeShare: 1 },
    market: (tape) => {
      tape.to(102, 0.4);
      tape.to(101, 9);
      tape.to(100, 9);
    },
    state: "filled",
    fills: ["0.4 @ 100 taker", "0.6 @ 101 maker"],
  },
  {
    name: "limit buy that is only touched does not fill",
    request: buy("limit", { price: "95" }),
    market: through(95, 99, 95),
    state: "open",
    fills: [],
  },
  {
    name: "limit buy traded through by a tick fills at its limit as maker",
    request: buy("limit", { price: "95" }),
    market: through(94.5),
    state: "filled",
    fills: ["1 @ 95 maker"],
  },
  {
    name: "limit sell that is only touched does not fill",
    request: sell("limit", { price: "105" }),
    market: through(105, 100),
    state: "open",
    fills: [],
  },
  {
    name: "limit sell traded through by a tick fills at its limit as maker",
    request: sell("limit", { price: "105" }),
    market: through(105.5),
    state: "filled",
    fills: ["1 @ 105 maker"],
  },
  {
    name: "limit buy resting under a gap fills at the gap's better price",
    request: buy("limit", { price: "95" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(92);
    },
    state: "filled",
    fills: ["1 @ 92 maker"],
  },
  {
    name: "limit sell resting over which a gap jumps fills at the gap's better price",
    request: sell("limit", { price: "105" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(108);
    },
    state: "filled",
    fills: ["1 @ 108 maker"],
  },
  {
    name: "limit buy that a gap reaches without passing does not fill",
    request: buy("limit", { price: "95" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(95);
    },
    state: "open",
    fills: [],
  },
  {
    name: "limit buy resting fills piece by piece within the volume's share",
    request: buy("limit", { price: "95" }),
    settings: { volumeShare: 0.25 },
    market: (tape) => {
      tape.to(94, 2);
      tape.to(93, 0);
      tape.to(96, 1.6);
      tape.to(94, 4);
    },
    state: "filled",
    fills: ["0.5 @ 95 maker", "0.4 @ 95 maker", "0.1 @ 95 maker"],
  },
];

for (const row of rows) {
  test(`fill rule: ${row.name}`, () => {
    expect(outcome(row)).toEqual({ state: row.state, fills: row.fills });
  });
}

test("a path that touches stop and target meets them in the order in which it passes", () => {
  const engine = engineWith();
  const tape = new Tape(engine);
  tape.gap(100);
  engine.submit(order("sell", "limit", "1", { id: "target", price: "104" }), tape.at);
  engine.submit(order("sell", "stop", "1", { id: "stop", stop: "96" }), tape.at);
  allReports(engine);
  tape.to(95);
  tape.to(105);
  const fills = engine.fillsSince(0).map((fill) => `${fill.clientOrderId}: ${told(fill)}`);
  expect(fills).toEqual(["stop: 1 @ 96 taker", "target: 1 @ 104 maker"]);
});

test("orders share a point's volume, nearest on the path first, then as accepted", () => {
  const engine = engineWith({ volumeShare: 1 });
  const tape = new Tape(engine);
  tape.gap(100);
  engine.submit(order("buy", "limit", "1", { id: "far", price: "95" }), tape.at);
  engine.submit(order("buy", "limit", "1", { id: "near", price: "97" }), tape.at);
  engine.submit(order("buy", "limit", "1", { id: "nearToo", price: "97" }), tape.at);
  tape.to(90, 2.5);
  const fills = engine.fillsSince(0).map((fill) => `${fill.clientOrderId}: ${told(fill)}`);
  expect(fills).toEqual(["near: 1 @ 97 maker", "nearToo: 1 @ 97 maker", "far: 0.5 @ 95 maker"]);
});
