import { describe, expect, test } from "bun:test";
import type { BookReading } from "./book-reading.ts";
import { OrderFlowStrategy } from "./order-flow.ts";
import { brief } from "./testing/markets.ts";

const parameters = { smoothing: 3, threshold: 0.2, maxSuspicion: 0.5 };
const bids: BookReading = {
  imbalance: 0.4,
  lean: 0.1,
  pressure: 0.2,
  spreadShare: 0.0001,
  suspicion: 0,
  score: 0.7,
};
const asks = { ...bids, imbalance: -0.4, lean: -0.1, pressure: -0.2, score: 0.3 };

function vote(readings: readonly (BookReading | null)[]) {
  const strategy = new OrderFlowStrategy(parameters);
  for (const reading of readings) strategy.update(10, 11, 9, 10, 1, reading);
  return strategy.vote();
}

const thrice = (reading: BookReading) => [reading, reading, reading];

describe("OrderFlowStrategy", () => {
  test.each([
    ["abstains without a book", [null, null, null, null], "none"],
    ["abstains until enough readings came in a row", [bids, bids], "none"],
    ["holds when book and prints lean to the buyers", thrice(bids), "hold 0.75"],
    ["leaves when they lean to the sellers", thrice(asks), "leave 0.75"],
    ["starts anew after a bar without a book", [bids, bids, null, bids, bids], "none"],
    ["abstains at a bar without a book", [...thrice(bids), null], "none"],
    ["follows the latest most", [bids, bids, bids, asks, asks, asks], "leave 0.5625"],
    [
      "says nothing just below the threshold",
      thrice({ ...bids, imbalance: 0.199, pressure: 0.2 }),
      "none",
    ],
    ["holds at the threshold", thrice({ ...bids, imbalance: 0.2, pressure: 0.2 }), "hold 0.5"],
    ["says nothing when the weighted mid disagrees", thrice({ ...bids, lean: -0.1 }), "none"],
    ["says nothing when the weighted mid is the mid", thrice({ ...bids, lean: 0 }), "none"],
    [
      "still hears a book at the bound of suspicion",
      thrice({ ...bids, suspicion: 0.5 }),
      "hold 0.75",
    ],
    ["does not hear one just above it", thrice({ ...bids, suspicion: 0.501 }), "none"],
    ["sets strong prints against a contrary book", thrice({ ...bids, pressure: -0.4 }), "none"],
  ])("%s", (_name, readings, wanted) => {
    expect(brief(vote(readings))).toBe(wanted);
  });
});
