import type { PanelLanes } from "../../web/server/ports.ts";
import type { SeenBooks } from "../simulation/seen-books.ts";
import type { TimelineSource } from "../simulation/timeline.ts";
import type { LedgerReader } from "../store/reader.ts";
import { PastVotes } from "./past-votes.ts";

/** Watches the books of a run's market, and of those beside it. */
export function withSeenBooks<Source extends Parameters<SeenBooks["watch"]>[0]>(
  books: SeenBooks,
  source: Source,
  beside: ReadonlyMap<string, TimelineSource>,
) {
  const others = [...beside].map(([name, each]) => [name, books.watch(each, name)] as const);
  return { source: books.watch(source), beside: new Map(others) };
}

/** What the panel's pages of lanes are given beside the desk and its ledger. */
export function panelLanes(reader: LedgerReader, books: SeenBooks): PanelLanes {
  const votes = new PastVotes(reader, pause);
  return {
    hasBook: (market) => books.has(market ?? undefined),
    book: (symbol, market) => books.of(symbol, market ?? undefined),
    explain: (lane, seq) => votes.at(lane, seq),
    pause,
  };
}

/** Lets everything else that waits have its turn. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
