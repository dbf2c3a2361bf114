import { describe, expect, test } from "bun:test";
import { restoreState, saveState } from "../../market/mod.ts";
import { BookWatch, type Levels } from "./book-reading.ts";

const even: Levels = [
  [1, 10],
  [2, 10],
  [3, 10],
  [4, 10],
];
/** Bids falling from 100, asks rising from 102, with these quantities. */
const bids = (...quantities: number[]): Levels => quantities.map((each, row) => [100 - row, each]);
const asks = (...quantities: number[]): Levels => quantities.map((each, row) => [102 + row, each]);

function watch(levels = 10) {
  return new BookWatch({ levels, largeFactor: 3 });
}

function reading({ imbalance, lean, pressure, spreadShare, suspicion, score }: BookWatch) {
  return { imbalance, lean, pressure, spreadShare, suspicion, score };
}

describe("BookWatch", () => {
  test("an even book is even", () => {
    const book = watch();
    book.book(bids(5, 5), asks(5, 5));
    expect(reading(book)).toEqual({
      imbalance: 0,
      lean: 0,
      pressure: 0,
      spreadShare: 2 / 101,
      suspicion: 0,
      score: 0.5,
    });
  });

  test("looks at as many levels as it was told, and leans by the touches alone", () => {
    const book = watch(2);
    book.book(bids(3, 6, 1_000), asks(1, 2, 1_000));
    const { imbalance, lean, score } = reading(book);
    expect({ imbalance, lean, score }).toEqual({ imbalance: 0.5, lean: 0.5, score: 0.75 });
  });

  test("a book with one side has no spread and no score", () => {
    const book = watch();
    book.book(bids(5), []);
    expect([book.imbalance, book.spreadShare, book.score]).toEqual([1, Number.NaN, 0]);
    book.book([], asks(5));
    expect(book.imbalance).toBe(-1);
    book.book([], []);
    expect(book.imbalance).toBe(0);
  });

  test("pressure is of the prints since the last reading", () => {
    const book = watch();
    book.print(102, 3, true);
    book.print(100, 1, false);
    expect(book.close().pressure).toBe(0.5);
    expect(book.close().pressure).toBe(0);
  });

  // The large bid stands at 98, two ticks below the touch.
  const large = bids(5, 5, 100, 5);
  /** The book once the touch has come down to 99, with this quantity left at 98. */
  const nearer = (left: number): Levels => [
    [99, 5],
    [98, left],
    [97, 5],
    [96, 5],
  ];
  test.each([
    ["gone while price came nearer has vanished", [], nearer(5), "vanished"],
    ["of which half is left is still there", [], nearer(50), "none"],
    ["of which less is left is gone", [], nearer(49), "vanished"],
    ["that was traded away has not vanished", [98], nearer(5), "traded"],
    ["near which others traded has", [99], nearer(5), "vanished"],
    ["gone while price stays has withdrawn", [], bids(5, 5, 5, 5), "withdrawn"],
    [
      "that price leaves behind has withdrawn",
      [],
      bids(5, 5, 5, 5).map(([price, quantity]) => [price + 1, quantity] as const),
      "withdrawn",
    ],
  ])("a large order %s", (_name, prints, after, wanted) => {
    const book = watch();
    book.book(large, asks(5, 5, 5, 5));
    for (const price of prints) book.print(price, 60, false);
    book.book(after, asks(5, 5, 5, 5));
    const { vanished, traded, withdrawn } = book;
    const none = { vanished: 0, traded: 0, withdrawn: 0 };
    expect({ vanished, traded, withdrawn }).toEqual(
      wanted === "none" ? none : { ...none, [wanted]: 1 },
    );
    expect(book.suspicion).toBeCloseTo(wanted === "vanished" ? 0.2 : 0);
  });

  test("suspicion takes from the score and fades with large orders that do not vanish", () => {
    const book = watch();
    for (const prints of [[], [], [98]]) {
      book.book(large, asks(5, 5, 5, 5));
      for (const price of prints) book.print(price, 100, false);
      book.book(nearer(5), asks(5, 5, 5, 5));
    }
    expect(book.suspicion).toBeCloseTo((1 - 0.8 * 0.8) * 0.8);
    expect(book.score).toBeCloseTo(0.5 * (1 - book.suspicion));
  });

  test("levels of the usual size are not watched, nor more than it has places for", () => {
    const book = watch(100);
    book.book(even, asks(5, 5));
    book.book(bids(1), asks(5, 5));
    expect(book.withdrawn).toBe(0);
    const small = Array<number>(60).fill(1);
    const many = Array<number>(12).fill(100);
    book.book(bids(...small, ...many), asks(5, 5));
    book.book(bids(...small, ...Array<number>(12).fill(1)), asks(5, 5));
    expect(book.withdrawn).toBe(8);
  });

  test("saved in mid-stream and restored, it goes on alike", () => {
    const [original, restored] = [watch(), watch()];
    original.book(bids(5, 5, 100, 5), asks(5, 5, 5, 100));
    original.print(98, 60, false);
    restoreState(restored, saveState(original));
    for (const book of [original, restored]) book.book(nearer(5), asks(5, 5, 5, 5));
    // As lists, for NaN in one typed array is not equal to NaN in another here.
    expect([...saveState(restored).values]).toEqual([...saveState(original).values]);
    expect([restored.traded, restored.withdrawn]).toEqual([1, 1]);
  });

  test("refuses to watch no level", () => {
    expect(() => new BookWatch({ levels: 0 })).toThrow(
      "Cannot watch book with 0 levels and large factor 5",
    );
  });
});
