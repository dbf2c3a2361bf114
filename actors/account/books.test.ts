import { describe, expect, test } from "bun:test";
import { add, decimal } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import type { LedgerChange, OrderRow, Posting } from "../../machines/domain/ledger.ts";
import type { Intent } from "../../machines/domain/order.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { Books } from "./books.ts";
import { at, Committed, fillOf, intent } from "./testing/committed-ledger.ts";

function setUp() {
  const ledger = new Committed();
  const books = new Books(ledger);
  books.follow(intent, "nv01", "V1");
  return { ledger, books };
}

function changesOf(booking: ReturnType<Books["book"]>): LedgerChange[] {
  if (booking.type !== "booked") throw new RangeError(`Cannot take changes: "${booking.type}"`);
  return booking.changes;
}

function rowAfter(books: Books, ...fills: Partial<Fill>[]): PositionRow | undefined {
  for (const [index, fill] of fills.entries()) {
    changesOf(books.book(at, fillOf({ tradeId: `T${index}`, ...fill })));
  }
  return books.position(intent.positionId);
}

const bought = { quantity: decimal(2), price: decimal(100) };
const buyFee = { fee: decimal(1), feeCoin: "USD" };

describe("Books.book()", () => {
  test("posts a fill in double entry: each coin sums to zero", () => {
    const { books } = setUp();
    const changes = changesOf(books.book(at, fillOf({ ...bought, ...buyFee })));
    const lines = changes.flatMap(({ table, row }) =>
      table === "postings" ? [`${row.line} ${row.account} ${row.coin} ${row.amount}`] : [],
    );
    expect(lines).toEqual([
      "0 asset BTC 2",
      "1 trading BTC -2",
      "2 asset USD -200",
      "3 trading USD 200",
      "4 asset USD -1",
      "5 fees USD 1",
    ]);
    expect(new Set(changes.map(({ table }) => table))).toEqual(
      new Set(["fills", "postings", "balances", "positions"]),
    );
  });

  test("posts a fee in a third coin, and a rebate the other way", () => {
    const { books } = setUp();
    changesOf(books.book(at, fillOf({ fee: decimal("0.01"), feeCoin: "BNB" })));
    changesOf(books.book(at, fillOf({ tradeId: "T2", fee: decimal(-3), feeCoin: "USD" })));
    expect(Object.fromEntries(books.balancesOf(at))).toEqual({
      BTC: decimal(2),
      USD: decimal("-197"),
      BNB: decimal("-0.01"),
    });
  });

  const rows: readonly [name: string, fills: Partial<Fill>[], row: Partial<PositionRow>][] = [
    [
      "a buy costs its notional and its fee",
      [{ ...bought, ...buyFee }],
      { quantity: decimal(2), cost: decimal(201), boughtFor: decimal(200), fees: decimal(1) },
    ],
    [
      "a fee in the base coin is not held, and costs what it cost",
      [{ ...bought, fee: decimal("0.002"), feeCoin: "BTC" }],
      { quantity: decimal("1.998"), bought: decimal(2), cost: decimal(200), fees: decimal(0) },
    ],
    [
      "a partial sale takes its share of the average cost",
      [
        { quantity: decimal(1), price: decimal(100) },
        { quantity: decimal(3), price: decimal(200) },
        { side: "sell", quantity: decimal(1), price: decimal(250) },
      ],
      { quantity: decimal(3), cost: decimal(525), realizedPnl: decimal(75), sold: decimal(1) },
    ],
    [
      "the last sale takes all cost that is left, whatever was rounded before",
      [
        { quantity: decimal(3), price: decimal("33.333333333333333333") },
        { side: "sell", quantity: decimal(1), price: decimal(40) },
        { side: "sell", quantity: decimal(1), price: decimal(40) },
        { side: "sell", quantity: decimal(1), price: decimal(40) },
      ],
      { quantity: decimal(0), cost: decimal(0), realizedPnl: decimal("20.000000000000000001") },
    ],
    [
      "a sale's fee lessens what it made",
      [bought, { side: "sell", ...bought, price: decimal(110), ...buyFee }],
      { quantity: decimal(0), realizedPnl: decimal(19), fees: decimal(1) },
    ],
    [
      "a sale's fee in the base coin is gone from the position",
      [
        bought,
        {
          side: "sell",
          quantity: decimal(1),
          price: decimal(100),
          fee: decimal("0.5"),
          feeCoin: "BTC",
        },
      ],
      { quantity: decimal("0.5"), cost: decimal(50), realizedPnl: decimal(-50) },
    ],
  ];
  test.each(rows)("%s", (_, fills, row) => {
    const { books } = setUp();
    expect(rowAfter(books, ...fills)).toMatchObject(row);
  });

  test("books a trade id once, before a commit and after it", () => {
    const { books, ledger } = setUp();
    const fill = fillOf(bought);
    ledger.take(changesOf(books.book(at, fill)));
    expect(books.book(at, fill)).toEqual({ type: "known" });
    books.committed();
    expect(books.book(at, fill)).toEqual({ type: "known" });
    expect(books.book(at, { ...fill, tradeId: "T9" }).type).toBe("booked");
  });

  test("books the same trade id of two accounts twice: they are two trades", () => {
    const { books } = setUp();
    const other = { venue: "paper", account: "second" };
    const second: Intent = { ...intent, at: other, intentId: "second", positionId: "second" };
    books.follow(second, "nv01", "V1");
    changesOf(books.book(at, fillOf(bought)));
    const booking = books.book(other, fillOf(bought));
    expect(booking).toMatchObject({ type: "booked", intent: { intentId: "second" } });
    expect(books.position(intent.positionId)?.bought).toBe(decimal(2));
  });

  test("finds the order by client id, else by venue id, else in the committed ledger", () => {
    const { books, ledger } = setUp();
    const archived: Intent = { ...intent, intentId: "archived", positionId: "archived" };
    ledger.orders.push({ intent: archived, venueOrderId: "V7" } as OrderRow);
    const found = [
      fillOf({ tradeId: "1", clientOrderId: "nv01", venueOrderId: "V?" }),
      fillOf({ tradeId: "2", clientOrderId: null, venueOrderId: "V1" }),
      fillOf({ tradeId: "3", clientOrderId: null, venueOrderId: "V7" }),
    ].map((fill) => books.book(at, fill));
    expect(
      found.map((each) => (each.type === "booked" ? each.intent.intentId : each.type)),
    ).toEqual([intent.intentId, intent.intentId, "archived"]);
  });

  test("leaves a fill of nobody's here alone", () => {
    const { books } = setUp();
    const fill = fillOf({ clientOrderId: "nv99", venueOrderId: "V99" });
    expect(books.book(at, fill)).toEqual({ type: "foreign" });
    expect([...books.openPositions(), ...books.balancesOf(at)]).toEqual([]);
  });
});

describe("what no fill explains", () => {
  const deposit = { entryId: "movement/1", coin: "USD", amount: decimal(5), cause: "deposit" };

  test("is posted in double entry with its cause", () => {
    const { books } = setUp();
    const lines = books
      .adjust(at, deposit, 9)
      .flatMap(({ table, row }) =>
        table === "postings" ? [[row.account, row.amount, row.cause, row.entryId, row.time]] : [],
      );
    expect(lines).toEqual([
      ["asset", "5", "deposit", "movement/1", 9],
      ["adjustment", "-5", "deposit", "movement/1", 9],
    ]);
    expect(books.balancesOf(at).get("USD")).toBe(decimal(5));
  });

  test.each([false, true])("is posted once, the first time being committed: %p", (isCommitted) => {
    const { books, ledger } = setUp();
    ledger.take(books.adjust(at, deposit, 9));
    if (isCommitted) books.committed();
    expect(books.adjust(at, deposit, 10)).toEqual([]);
    expect([books.hasEntry("movement/1"), books.hasEntry("movement/2")]).toEqual([true, false]);
    expect(books.balancesOf(at).get("USD")).toBe(decimal(5));
  });

  test("counts the amounts of a coin since the account last matched", () => {
    const { books } = setUp();
    rowAfter(books, bought, { quantity: decimal(1), ...buyFee });
    expect(["BTC", "USD", "ETH"].map((coin) => books.amountsOf(at, coin))).toEqual([2, 3, 0]);
    books.matched({ venue: "paper", account: "other" });
    expect(books.amountsOf(at, "USD")).toBe(3);
    books.matched(at);
    expect(books.amountsOf(at, "USD")).toBe(0);
  });
});

describe("dust", () => {
  const sale: Partial<Fill> = { side: "sell", quantity: decimal("1.9"), price: decimal(110) };

  test("is what a closed position left, with its cost, and is there after a restart", () => {
    const { books, ledger } = setUp();
    const fills = [fillOf(bought), fillOf({ tradeId: "T2", ...sale })];
    for (const fill of fills) ledger.take(changesOf(books.book(at, fill)));
    expect(books.dustOf(at, "BTC")).toEqual({ quantity: decimal(0), cost: decimal(0) });
    ledger.take(books.close(intent.positionId, 20, "trail"));
    books.committed();
    const left = { quantity: decimal("0.1"), cost: decimal(10) };
    expect(books.dustOf(at, "BTC")).toEqual(left);
    expect(new Books(ledger).dustOf(at, "BTC")).toEqual(left);
    // A late fill opens it again: what it holds is its own, until it closes once more.
    const late = fillOf({ tradeId: "T3", side: "sell", quantity: decimal("0.1") });
    ledger.take(changesOf(books.book(at, late)));
    expect(books.dustOf(at, "BTC").quantity).toBe(decimal(0));
    ledger.take(books.close(intent.positionId, 30, "trail"));
    expect(books.dustOf(at, "BTC")).toEqual({ quantity: decimal(0), cost: decimal(0) });
  });
});

describe("a fill of a claimed order", () => {
  const claimed: Intent = {
    ...intent,
    intentId: "c",
    positionId: "c",
    role: "foreign",
    createdAt: 50,
  };
  const of = (parts: Partial<Fill>) =>
    fillOf({ ...bought, clientOrderId: null, venueOrderId: "VC", ...parts });

  test("is posted, and no position owns it", () => {
    const { books } = setUp();
    books.follow(claimed, "foreign-VC", "VC");
    const changes = changesOf(books.book(at, of({ at: 50 })));
    expect(new Set(changes.map(({ table }) => table))).toEqual(
      new Set(["fills", "postings", "balances"]),
    );
    expect([...books.openPositions()]).toEqual([]);
  });

  test("is nobody's here where it is of before the claim: the balances had it", () => {
    const { books } = setUp();
    books.follow(claimed, "foreign-VC", "VC");
    expect(books.book(at, of({ at: 49 }))).toEqual({ type: "foreign" });
    expect(books.balancesOf(at).size).toBe(0);
  });
});

describe("a late fill", () => {
  const sale: Partial<Fill> = { side: "sell", quantity: decimal(2), price: decimal(110) };
  const late = fillOf({ tradeId: "late", quantity: decimal(1), price: decimal(100) });

  test.each([false, true])(
    "opens a closed row again, the close being committed: %p",
    (isCommitted) => {
      const { books, ledger } = setUp();
      for (const fill of [fillOf(bought), fillOf({ tradeId: "T2", ...sale })]) {
        ledger.take(changesOf(books.book(at, fill)));
      }
      books.committed();
      const [closed] = books.close(intent.positionId, 99, "signal");
      if (isCommitted) {
        if (closed) ledger.take([closed]);
        books.committed();
      }
      const booking = books.book(at, late);
      expect(booking).toMatchObject({
        type: "booked",
        reopened: { state: "closed", closedAt: 99 },
      });
      expect(books.position(intent.positionId)).toMatchObject({
        state: "open",
        closedAt: null,
        quantity: decimal(1),
        bought: decimal(3),
        sold: decimal(2),
        realizedPnl: decimal(20),
      });
    },
  );

  test("finds its row where nothing of the position was ever committed", () => {
    const { books } = setUp();
    rowAfter(books, bought, sale);
    books.close(intent.positionId, 99, "signal");
    changesOf(books.book(at, late));
    expect(books.position(intent.positionId)).toMatchObject({
      bought: decimal(3),
      sold: decimal(2),
    });
  });

  test("finds its order from the moment that it is archived, commit or no commit", () => {
    const { books } = setUp();
    books.forget(intent, ["nv01"], "V1");
    expect(books.book(at, late).type).toBe("booked");
    books.committed();
    expect(books.book(at, { ...late, tradeId: "later" }).type).toBe("foreign");
  });
});

describe("Books.open() and Books.close()", () => {
  test("open takes a balance over against the opening account, once", () => {
    const { books } = setUp();
    const changes = books.open(at, "USD", decimal(1_000), 5);
    const postings = changes.flatMap(({ table, row }) => (table === "postings" ? [row] : []));
    expect(postings.map(({ account, amount }: Posting) => [account, amount])).toEqual([
      ["asset", decimal(1_000)],
      ["opening", decimal(-1_000)],
    ]);
    expect(books.balancesOf(at).get("USD")).toBe(decimal(1_000));
    expect(() => books.open(at, "USD", decimal(1), 6)).toThrow(
      "Cannot open USD of paper:main: it is open",
    );
  });

  test("close says when and why, leaves dust with its cost, and a second time does nothing", () => {
    const { books } = setUp();
    rowAfter(books, bought, { side: "sell", quantity: decimal("1.99"), price: decimal(100) });
    expect(books.close(intent.positionId, 7, "stop")).toEqual([
      {
        table: "positions",
        row: expect.objectContaining({
          state: "closed",
          closedAt: 7,
          exitReason: "stop",
          quantity: decimal("0.01"),
          cost: decimal(1),
        }),
      },
    ]);
    expect(books.close(intent.positionId, 8, "stop")).toEqual([]);
    expect([...books.openPositions()]).toEqual([]);
  });

  test("a new start goes on from what was committed", () => {
    const { books, ledger } = setUp();
    ledger.take(books.open(at, "USD", decimal(1_000), 5));
    ledger.take(changesOf(books.book(at, fillOf(bought))));
    const restarted = new Books(ledger);
    expect([...restarted.openPositions()]).toEqual([...books.openPositions()]);
    expect(restarted.balancesOf(at)).toEqual(books.balancesOf(at));
    expect(add(restarted.balancesOf(at).get("USD") ?? decimal(0), decimal(200))).toBe(
      decimal(1_000),
    );
  });
});
