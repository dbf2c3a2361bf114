import { describe, expect, test } from "bun:test";
import { Equities, type EquityState, EquityTracker } from "./equity.ts";

function tracked(...marks: readonly (readonly [at: number, equity: number])[]): EquityTracker {
  const equity = new EquityTracker();
  for (const [at, value] of marks) equity.mark(at, value);
  return equity;
}

describe("money that came or went without a trade", () => {
  test.each([-400, 400])("is neither a loss nor a gain: %d", (amount) => {
    const equity = tracked([0, 1_000]);
    equity.shift(amount);
    equity.mark(1, 1_000 + amount);
    expect([equity.dayLoss, equity.maxDrawdown, equity.dayStart]).toEqual([0, 0, 1_000 + amount]);
    equity.mark(2, (1_000 + amount) / 2);
    expect([equity.dayLoss, equity.maxDrawdown]).toEqual([0.5, 0.5]);
  });

  test("before the first mark is part of what the day begins with", () => {
    const equity = new EquityTracker();
    equity.shift(50);
    equity.mark(0, 1_050);
    expect([equity.dayStart, equity.dayLoss]).toEqual([1_050, 0]);
  });

  test("is told once to whoever keeps the state", () => {
    const equity = tracked([0, 1_000]);
    expect(equity.takeShifted()).toBe(false);
    equity.shift(1);
    expect([equity.takeShifted(), equity.takeShifted()]).toEqual([true, false]);
  });
});

test("a bar of an earlier day that is heard late neither begins a day nor forgives what was lost", () => {
  const day = 86_400_000;
  const equity = tracked([0, 1_000], [day, 1_000], [day + 1, 900]);
  expect(equity.dayLoss).toBe(0.1);
  expect([equity.mark(day - 1, 900), equity.mark(day + 2, 900)]).toEqual([false, false]);
  expect([equity.dayLoss, equity.dayStart]).toEqual([0.1, 1_000]);
  expect(equity.mark(2 * day, 900)).toBe(true);
  expect(equity.dayLoss).toBe(0);
});

test("an account that could not be read at first loses of what it then turns out to have", () => {
  const equity = tracked([0, 0], [1, 0], [2, 1_000], [3, 900]);
  expect([equity.dayStart, equity.dayLoss]).toEqual([1_000, 0.1]);
});

describe("the equity of several accounts", () => {
  const [one, two, coins] = ["one", "two", "coins"].map((account) => ({ venue: "paper", account }));
  if (!one || !two || !coins) throw new Error("Cannot name the accounts");
  const both = [
    { at: one, quote: "USD" },
    { at: coins, quote: "BTC" },
    { at: two, quote: "USD" },
  ];
  const states = (equities: Equities) =>
    new Map([...equities.named()].map(([name, tracker]) => [name, tracker.save()]));
  const after = (kept: ReadonlyMap<string, EquityState>): Equities => {
    const equities = new Equities(both);
    equities.restore((name) => kept.get(name));
    return equities;
  };
  const values = ({ total }: Equities) => total.curve.map(([, equity]) => equity);

  test("is that of all that have the first one's quote coin, whichever is marked", () => {
    const equities = new Equities(both);
    equities.mark(one, 0, 1_000, () => 500);
    equities.mark(coins, 1, 7, () => 0);
    equities.mark(two, 1, 500, () => 0);
    equities.mark(one, 2, 900, () => 0);
    equities.mark(two, 3, 450, () => 0);
    expect(values(equities)).toEqual([1_500, 1_500, 1_400, 1_350]);
    expect(equities.total.maxDrawdown).toBeCloseTo(0.1, 12);
    expect([equities.of(one).equity, equities.of(coins).equity]).toEqual([900, 7]);
    expect(after(states(equities)).total.save()).toEqual(equities.total.save());
  });

  test("gains nothing by money that came to one, nor by one that could not be read at first", () => {
    const equities = new Equities(both);
    equities.mark(one, 0, 1_000, () => 0);
    equities.mark(two, 1, 500, () => 0);
    expect([values(equities), equities.total.dayLoss]).toEqual([[1_500, 1_500], 0]);
    equities.shift(two, 100);
    equities.mark(two, 2, 600, () => 0);
    expect([equities.total.equity, equities.total.dayLoss]).toEqual([1_600, 0]);
  });

  test("goes forward in time where one of their markets tells of its past", () => {
    const equities = new Equities(both);
    equities.mark(one, 5, 1_000, () => 500);
    equities.mark(two, 3, 500, () => 0);
    expect(equities.total.curve.map(([at]) => at)).toEqual([5, 5]);
  });

  test("is the only one's own where there is no other, and goes on from it once there is", () => {
    const single = new Equities(both.slice(0, 2));
    single.mark(one, 0, 1_000, () => 0);
    single.mark(one, 1, 800, () => 0);
    expect(single.total).toBe(single.of(one));
    expect([...single.named()].map(([name]) => name)).toEqual(["equity", "equity/paper:coins"]);
    const grown = after(states(single));
    grown.mark(two, 2, 500, () => 0);
    expect(values(grown)).toEqual([1_500, 1_300, 1_300]);
    expect(grown.total.maxDrawdown).toBe(0.2);
  });

  test("begins anew on a ledger of several accounts that kept none", () => {
    const equities = new Equities(both);
    equities.mark(one, 0, 1_000, () => 500);
    const kept = states(equities);
    kept.delete("equityTotal");
    const again = after(kept);
    again.mark(one, 1, 1_010, () => 0);
    expect(values(again)).toEqual([1_510]);
  });
});
