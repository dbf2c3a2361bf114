/** What must hold within a strategy book, between several, and between them and the strategies. */
import { compare, type Decimal, decimal, isZero, subtract } from "../machines/domain/decimal.ts";
import { type RuleContext, refuse } from "./rules.ts";
import type { StrategyName } from "./strategies.ts";

export function bookRule(
  { votes, minStrategies }: { votes: readonly StrategyName[]; minStrategies: number },
  context: RuleContext,
): void {
  if (minStrategies <= votes.length) return;
  const wanted = `at most ${votes.length}, for so many strategies vote in the book`;
  refuse(context, ["minStrategies"], wanted);
}

interface BookToCheck {
  readonly name: string;
  readonly capital: Decimal;
  readonly votes: readonly StrategyName[];
}

interface BooksToCheck {
  readonly books: readonly BookToCheck[];
  readonly strategy: {
    readonly votes: Readonly<Record<StrategyName, { readonly use: boolean }>>;
  };
}

export function booksRule({ books, strategy }: BooksToCheck, context: RuleContext): void {
  nameRule(books, context);
  capitalRule(books, context);
  for (const [index, { votes }] of books.entries()) {
    const silent = votes.filter((name) => !strategy.votes[name].use);
    if (silent.length === 0) continue;
    const keys = silent.map((name) => `strategy.votes.${name}.use`);
    const said = keys.length === 1 ? `${keys[0]} is` : `${keys.join(", ")} are`;
    refuse(context, ["books", index, "votes"], `only strategies that vote, and ${said} false`);
  }
}

function nameRule(books: readonly BookToCheck[], context: RuleContext): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of books.entries()) {
    const before = seen.get(name);
    if (before === undefined) seen.set(name, index);
    else {
      const wanted = `each name once, and it is also books[${before}].name`;
      refuse(context, ["books", index, "name"], wanted);
    }
  }
}

/** No two books size by the same money. Told of the first book for which there is too little. */
function capitalRule(books: readonly BookToCheck[], context: RuleContext): void {
  let left = decimal(1);
  for (const [index, { capital }] of books.entries()) {
    if (compare(capital, left) > 0) {
      const shares = `the books before it have ${subtract(decimal(1), left)}, and all have at most 1`;
      const less = isZero(left) ? "less capital in the books before it" : `at most ${left}`;
      refuse(context, ["books", index, "capital"], `${less}, for ${shares}`);
      return;
    }
    left = subtract(left, capital);
  }
}
