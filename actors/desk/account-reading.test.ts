import { describe, expect, test } from "bun:test";
import { decimal } from "../../machines/domain/decimal.ts";
import { venueOrder } from "../../machines/samples.fixture.ts";
import { Books } from "../account/mod.ts";
import { at, Committed, fillOf, intent } from "../account/testing/committed-ledger.ts";
import { accountView, coinDifference, orderDifference } from "./account-reading.ts";

/** 3 BTC of before; 2 bought for 200, of which 1.9 were sold and the rest was left. */
function withDust(): Books {
  const books = new Books(new Committed());
  books.open(at, "BTC", decimal(3), 1);
  books.open(at, "USD", decimal(1_000), 1);
  books.follow(intent, "nv01", "V1");
  books.book(at, fillOf({ quantity: decimal(2) }));
  const sale = { side: "sell", quantity: decimal("1.9"), price: decimal(110) } as const;
  books.book(at, fillOf({ tradeId: "T2", ...sale }));
  books.close(intent.positionId, 20, "trail");
  return books;
}

describe("accountView()", () => {
  test("splits each coin into what is owned, cash, dust with its cost, and unmanaged", () => {
    const books = withDust();
    const second = { ...intent, intentId: "second", positionId: "paper:main/BTC/USD/2" };
    books.follow(second, "nv02", "V2");
    books.book(at, fillOf({ tradeId: "T3", clientOrderId: "nv02", quantity: decimal("0.5") }));
    const view = accountView(at, books, "USD", undefined);
    expect(view.coins).toEqual([
      {
        ...{
          coin: "BTC",
          ledger: "3.6",
          ledgerThen: null,
          venue: null,
          difference: "0",
          owned: "0.5",
        },
        ...{ cash: "0", dust: "0.1", dustCost: "10", unmanaged: "3" },
      },
      {
        ...{
          coin: "USD",
          ledger: "959",
          ledgerThen: null,
          venue: null,
          difference: "0",
          owned: "0",
        },
        ...{ cash: "959", dust: "0", dustCost: "0", unmanaged: "0" },
      },
    ] as never);
  });

  test("keeps accounts apart, and shows what the venue of one said when it was read", () => {
    const books = withDust();
    const other = { venue: "paper", account: "second" };
    const balances = [{ coin: "ETH", total: decimal(2) }];
    const foreign = [venueOrder("open", { venueOrderId: "F1", clientOrderId: null })];
    const ledger = new Map([["BTC", decimal(1)]]);
    const reading = {
      ...{ at: other, takenAt: 77, balances, ledger, differences: [] },
      ...{ foreign, claimable: foreign },
    };
    const views = [
      accountView(at, books, "USD", undefined),
      accountView(other, books, "USD", reading),
    ];
    expect(views.map(({ account, readAt }) => [account, readAt])).toEqual([
      ["paper:main", null],
      ["paper:second", 77],
    ]);
    expect(views[1]?.coins).toMatchObject([
      // What was there when the venue was read is shown, though it is gone since.
      { coin: "BTC", ledger: "0", ledgerThen: "1", venue: "0", difference: "-1" },
      { coin: "ETH", ledger: "0", ledgerThen: "0", venue: "2", difference: "2" },
    ]);
    expect(views[1]?.foreignOrders).toMatchObject([{ venueOrderId: "F1", isOfADesk: false }]);
  });
});

test("a difference of a coin says what would settle it, and waits for what is on its way", () => {
  const usd = { coin: "USD", ledger: decimal(1), venue: decimal(3), difference: decimal(2) };
  expect(coinDifference(at, usd, ["order:a"], undefined).settledBy).toBe(
    "the fate of order:a; until that is known nothing can be said of it",
  );
  expect(coinDifference(at, usd, [], "it does not tell").settledBy).toBe(
    "a deposit or withdrawal that the venue tells (it does not tell), or " +
      '"novactor reconcile accept --account paper:main --coin USD --reason WHY"',
  );
});

test("an order of this ledger that is over and rests at the venue is named, with its cure", () => {
  const order = venueOrder("open", { venueOrderId: "V9" });
  const { text, settledBy } = orderDifference({ order, kind: "ended" });
  expect(text).toBe("order V9 is of this ledger and over, and rests at the venue");
  expect(settledBy).toBe('"novactor order claim V9" or "novactor order cancel-foreign V9"');
});
