import { z } from "zod";
import { bookRule } from "./book-rules.ts";
import { key, list, ofTheRun, rowKey } from "./key.ts";
import { bookName, exactNumber, namesInRow, realNumber, wholeNumber } from "./kinds.ts";
import { strategyNames } from "./strategies.ts";

const anotherBook = ofTheRun("a book's positions and scanners belong to it");

/** Each book looks at every symbol by itself: more of them cost time and split hairs. */
const booksMax = 10;

const book = z
  .strictObject({
    name: key(bookName, "What the book is called; its positions carry the name.", anotherBook),
    capital: key(
      exactNumber({ above: "0", to: "1" }, "0.5"),
      "Share of equity that the book sizes its entries by: 0.5 is 50 %.",
      anotherBook,
    ),
    votes: rowKey(
      namesInRow(strategyNames, "trend, supertrend"),
      "Strategies that vote in the book, with the weights and parameters of strategy.votes.",
      anotherBook,
    ),
    minStrategies: key(
      wholeNumber(1, strategyNames.length),
      "Distinct strategies of the book that must agree, over the agreeing timeframes.",
      anotherBook,
    ),
    minConfidence: key(
      realNumber({ above: "0", to: "1" }, "0.55"),
      "Confidence, 0 to 1, from which on an entry of the book passes.",
      anotherBook,
    ),
  })
  .superRefine(bookRule);

/** Strategy books that trade side by side under one set of limits; none for one of everything. */
export const booksSchema = list(
  book,
  booksMax,
  "Strategy books side by side, all under the same limits; none for one book of everything.",
  anotherBook,
);
