import {
  add,
  type Decimal,
  decimal,
  isZero,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import type { Posting } from "../../machines/domain/ledger.ts";
import type { BooksCheck } from "../../web/server/books-port.ts";
import { headLines } from "../store/ledger-head.ts";
import type { LedgerReader } from "../store/reader.ts";

/** Rows between two pauses: about a millisecond's work. */
const rowsAtOnce = 200;

/** Entries that are named, of those that do not come to zero. */
const namedMost = 20;

type Result = NonNullable<BooksCheck["result"]>;

/**
 * Adds up a ledger's books and hashes them, in parts that let the loop go: all of one state of the
 * file, read on a connection of its own.
 */
export class LedgerCheck {
  view: BooksCheck = { state: "never", done: 0, of: 0, error: null, result: null };

  constructor(
    private readonly open: () => LedgerReader,
    private readonly pause: () => Promise<void>,
  ) {}

  /** Begins, unless it is under way. */
  begin(): void {
    if (this.view.state === "running") return;
    this.view = { state: "running", done: 0, of: 0, error: null, result: null };
    this.run().then(
      (result) => {
        this.view = { ...this.view, state: "done", result };
      },
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.view = { ...this.view, state: "failed", error: text };
      },
    );
  }

  private async run(): Promise<Result> {
    using reader = this.open();
    using _state = reader.held();
    const postings = reader.books.rowsOf("postings");
    let of = 2 * postings;
    for (const table of ["orders", "fills", "positions"] as const) of += reader.books.rowsOf(table);
    this.view = { ...this.view, of };
    const journalSeq = reader.head().seq;
    const hasher = new Bun.CryptoHasher("sha256");
    for (const line of headLines(reader.books)) {
      hasher.update(line);
      await this.count();
    }
    const sums = new Sums();
    for (const posting of reader.books.eachPosting()) {
      sums.take(posting);
      await this.count();
    }
    sums.endEntry();
    return {
      journalSeq,
      ledgerHead: hasher.digest("hex"),
      ...{ entries: sums.entries, postings, unbalanced: sums.unbalanced },
      trial: sums.trial(),
      differing: sums.differing(reader.books.allBalances()),
    };
  }

  private async count(): Promise<void> {
    const done = this.view.done + 1;
    this.view = { ...this.view, done };
    if (done % rowsAtOnce === 0) await this.pause();
  }
}

/** Sums of postings, taken in the order of their entries. */
class Sums {
  entries = 0;
  readonly unbalanced: string[] = [];
  private entryId: string | null = null;
  private readonly inEntry = new Map<string, Decimal>();
  private readonly totals = new Map<string, Omit<Result["trial"][number], "sum">>();
  private readonly sums = new Map<string, Decimal>();

  take({ entryId, at, account: ledgerAccount, coin, amount }: Posting): void {
    if (entryId !== this.entryId) {
      this.endEntry();
      this.entryId = entryId;
      this.entries += 1;
    }
    this.inEntry.set(coin, add(this.inEntry.get(coin) ?? zero, amount));
    const account = accountKey(at);
    const key = `${account} ${ledgerAccount} ${coin}`;
    if (!this.totals.has(key)) this.totals.set(key, { account, ledgerAccount, coin });
    this.sums.set(key, add(this.sums.get(key) ?? zero, amount));
  }

  /** What was taken last was the entry's last line. */
  endEntry(): void {
    const isEven = [...this.inEntry.values()].every(isZero);
    if (!isEven && this.entryId !== null && this.unbalanced.length < namedMost) {
      this.unbalanced.push(this.entryId);
    }
    this.inEntry.clear();
  }

  trial(): Result["trial"] {
    return [...this.totals]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => ({ ...each, sum: this.sums.get(key) ?? zero }));
  }

  differing(balances: ReturnType<LedgerReader["books"]["allBalances"]>): Result["differing"] {
    return balances.flatMap(({ at, coin, total }) => {
      const account = accountKey(at);
      const posted = this.sums.get(`${account} asset ${coin}`) ?? zero;
      const balance = decimal(total);
      return isZero(subtract(balance, posted)) ? [] : [{ account, coin, balance, posted }];
    });
  }
}
