import { describe, expect, test } from "bun:test";
import { decimal, zero } from "../../machines/domain/decimal.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import { venueOrder } from "../../machines/samples.fixture.ts";
import { type Believed, compareAccount, isDeskOrderId, roundingOf } from "./compare.ts";

const believed = (parts: Partial<Believed> = {}): Believed => ({
  balances: new Map([
    ["USD", decimal(100)],
    ["BTC", decimal(1)],
  ]),
  fateOf: () => "live",
  resting: [],
  roundingOf: () => zero,
  ...parts,
});
const has = (coin: string, total: string) => ({ coin, total: decimal(total), held: zero });
const agreeing = [has("USD", "100"), has("BTC", "1")];
const order = (id: string, clientOrderId: string | null): VenueOrder =>
  venueOrder("open", { venueOrderId: id, clientOrderId });

describe("compareAccount()", () => {
  test("finds nothing where both say the same, a coin of zero being none", () => {
    const found = compareAccount(believed(), [...agreeing, has("ETH", "0")], []);
    expect(found).toEqual({ coins: [], roundings: [], orders: [], doubtful: [], foreign: [] });
  });

  test("says which coins differ, and by how much the venue has more", () => {
    const { coins } = compareAccount(believed(), [has("USD", "99.5"), has("ETH", "2")], []);
    expect(coins).toEqual([
      { coin: "USD", ledger: "100", venue: "99.5", difference: "-0.5" },
      { coin: "BTC", ledger: "1", venue: "0", difference: "-1" },
      { coin: "ETH", ledger: "0", venue: "2", difference: "2" },
    ] as never);
  });

  test.each([
    ["0.00009", 1],
    ["-0.00009", 1],
    ["0.0001", 0],
    ["0.0002", 0],
  ])("takes %s within a step of 0.0001 for the venue's rounding: %p", (difference, roundings) => {
    const total = Number(100) + Number(difference);
    const found = compareAccount(
      believed({ roundingOf: (coin) => (coin === "USD" ? decimal("0.0001") : zero) }),
      [has("USD", total.toFixed(5)), has("BTC", "1")],
      [],
    );
    expect([found.roundings.length, found.coins.length]).toEqual([roundings, 1 - roundings]);
  });

  test("tells orders of this ledger, ended ones, others' and other desks' apart", () => {
    const orders = [
      order("ours", "nv0123456789abcdef"),
      order("over", "nv1123456789abcdef"),
      order("theirs", null),
      order("second", "nv2123456789abcdef"),
    ];
    const fates = { ours: "live", over: "ended", theirs: "foreign", second: "foreign" } as const;
    const found = compareAccount(
      believed({ fateOf: ({ venueOrderId }) => fates[venueOrderId as keyof typeof fates] }),
      agreeing,
      orders,
    );
    expect(found.foreign.map(({ venueOrderId }) => venueOrderId)).toEqual(["theirs", "second"]);
    expect(found.orders.map((each) => [each.order.venueOrderId, each.kind])).toEqual([
      ["over", "ended"],
      ["second", "secondDesk"],
    ]);
  });

  test("doubts an order that is listed neither by its own id nor by the venue's", () => {
    const resting = [
      { name: "gone", clientOrderId: "a", venueOrderId: "A" },
      { name: "byVenue", clientOrderId: "b", venueOrderId: "B" },
      { name: "byClient", clientOrderId: "c", venueOrderId: null },
    ];
    const listed = [order("B", null), order("C", "c")];
    const { doubtful } = compareAccount(believed({ resting }), agreeing, listed);
    expect(doubtful.map(({ name }) => name)).toEqual(["gone"]);
  });
});

test("isDeskOrderId knows the ids that desks give, and no others", () => {
  const ids = ["nv0123456789abcdef", "nv0123456789abcde", "NV0123456789ABCDEF", "", null];
  expect(ids.map(isDeskOrderId)).toEqual([true, false, false, false, false]);
});

test("roundingOf counts a step for each amount, and one at least", () => {
  const step = decimal("0.01");
  expect([0, 1, 7].map((amounts) => roundingOf(step, amounts))).toEqual(
    ["0.01", "0.01", "0.07"].map((text) => decimal(text)),
  );
});
