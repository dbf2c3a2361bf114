import { expect, test } from "bun:test";
import { buy, type FillRow, outcome, sell, through } from "./scenario.fixture.ts";

const rows: readonly FillRow[] = [
  {
    name: "stop sell touched fills at the stop",
    request: sell("stop", { stop: "95" }),
    market: through(95),
    state: "filled",
    fills: ["1 @ 95 taker"],
  },
  {
    name: "stop sell passed fills at the stop, not at the low",
    request: sell("stop", { stop: "95" }),
    market: through(90),
    state: "filled",
    fills: ["1 @ 95 taker"],
  },
  {
    name: "stop sell pays slippage beyond the stop",
    request: sell("stop", { stop: "95" }),
    settings: { slippageTicks: 3 },
    market: through(95),
    state: "filled",
    fills: ["1 @ 93.5 taker"],
  },
  {
    name: "stop sell that a gap jumps over fills at the gap's worse price",
    request: sell("stop", { stop: "95" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(88);
    },
    state: "filled",
    fills: ["1 @ 88 taker"],
  },
  {
    name: "stop sell that is not touched waits",
    request: sell("stop", { stop: "95" }),
    market: through(95.5, 120),
    state: "open",
    fills: [],
  },
  {
    name: "stop sell that is past its stop on arrival takes at the price of its arrival",
    request: sell("stop", { stop: "101" }),
    market: through(110),
    state: "filled",
    fills: ["1 @ 100 taker"],
  },
  {
    name: "stop buy touched fills at the stop",
    request: buy("stop", { stop: "105" }),
    market: through(107),
    state: "filled",
    fills: ["1 @ 105 taker"],
  },
  {
    name: "stop sell, what is left takes at each following point's price",
    request: sell("stop", { stop: "95" }),
    settings: { volumeShare: 1 },
    market: (tape) => {
      tape.to(90, 0.25);
      tape.to(92, 5);
    },
    state: "filled",
    fills: ["0.25 @ 95 taker", "0.75 @ 92 taker"],
  },
  {
    name: "stop sell triggered where nothing trades stays triggered",
    request: sell("stop", { stop: "95" }),
    settings: { volumeShare: 1 },
    market: (tape) => tape.to(90, 0),
    state: "triggered",
    fills: [],
  },
  {
    name: "stopLimit sell triggered takes at the stop while that is within its limit",
    request: sell("stopLimit", { stop: "95", price: "94" }),
    settings: { slippageTicks: 5 },
    market: through(90),
    state: "filled",
    fills: ["1 @ 94 taker"],
  },
  {
    name: "stopLimit sell that a gap carries past its limit rests there",
    request: sell("stopLimit", { stop: "95", price: "94" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(90);
    },
    state: "triggered",
    fills: [],
  },
  {
    name: "stopLimit sell that rests fills when traded through again",
    request: sell("stopLimit", { stop: "95", price: "94" }),
    market: (tape) => {
      tape.to(99);
      tape.gap(90);
      tape.to(94.5);
    },
    state: "filled",
    fills: ["1 @ 94 maker"],
  },
  {
    name: "stopLimit past its stop on arrival rests and fills on the same path",
    request: sell("stopLimit", { stop: "101", price: "102" }),
    market: through(103),
    state: "filled",
    fills: ["1 @ 102 maker"],
  },
  {
    name: "postOnly that would take on arrival is canceled",
    request: buy("limit", { price: "99", postOnly: true }),
    settings: { latencyMs: 500 },
    market: through(90),
    state: "canceled",
    fills: [],
  },
  {
    name: "postOnly with latency is judged by the price when it arrives",
    request: buy("limit", { price: "100", postOnly: true }),
    settings: { latencyMs: 500 },
    market: through(102),
    state: "open",
    fills: [],
  },
  {
    name: "postOnly that rests fills as maker",
    request: buy("limit", { price: "99", postOnly: true }),
    market: through(98),
    state: "filled",
    fills: ["1 @ 99 maker"],
  },
  {
    name: "ioc limit that is not marketable on arrival expires",
    request: buy("limit", { price: "99", ioc: true }),
    market: through(90),
    state: "expired",
    fills: [],
  },
  {
    name: "ioc limit takes what there is, and the rest expires",
    request: buy("limit", { price: "101", ioc: true }),
    settings: { volumeShare: 0.5 },
    market: (tape) => tape.to(100, 0.5),
    state: "expired",
    fills: ["0.25 @ 100 taker"],
  },
  {
    name: "ioc market that finds no volume expires",
    request: sell("market", { ioc: true }),
    settings: { volumeShare: 0.5 },
    market: (tape) => tape.to(100, 0),
    state: "expired",
    fills: [],
  },
  {
    name: "ioc stop waits for its trigger, and then takes at once or expires",
    request: sell("stop", { stop: "95", ioc: true }),
    settings: { volumeShare: 1 },
    market: (tape) => {
      tape.to(99, 1);
      tape.to(94, 0.5);
    },
    state: "expired",
    fills: ["0.5 @ 95 taker"],
  },
  {
    name: "gtd expires before the point that comes at its time",
    request: buy("limit", { price: "95", expiresAt: 3_000 }),
    market: through(99, 90),
    state: "expired",
    fills: [],
  },
  {
    name: "gtd fills before its time",
    request: buy("limit", { price: "95", expiresAt: 3_001 }),
    market: through(99, 90),
    state: "filled",
    fills: ["1 @ 95 maker"],
  },
];

for (const row of rows) {
  test(`fill rule: ${row.name}`, () => {
    expect(outcome(row)).toEqual({ state: row.state, fills: row.fills });
  });
}
