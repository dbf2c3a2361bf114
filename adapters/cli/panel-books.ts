import type { Posting } from "../../machines/domain/ledger.ts";
import type { PanelBooks } from "../../web/server/books-port.ts";
import type { JournalRow } from "../../web/server/ports.ts";
import { LedgerReader } from "../store/reader.ts";
import { LedgerCheck } from "./ledger-check.ts";

/** Records of one correlation that are read for a story, the last ones. */
const correlatedMost = 5_000;

/** Rows that a search for what is not correlated passes over at a time. */
const spanRows = 2_000;

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The books of a ledger as the panel reads them, beside a desk that goes on writing. */
export function panelBooks(reader: LedgerReader): PanelBooks {
  const { books, lists, trades } = reader;
  const check = new LedgerCheck(() => new LedgerReader(reader.path), pause);
  return {
    trips: (filter, page) => trades.page(filter, page),
    position: (positionId) => books.position(positionId),
    ordersOfPosition: (positionId) => books.ordersOfPosition(positionId),
    attemptsOf: (intentId) => books.attemptsOf(intentId),
    fillsOf: (intentId) => books.fillsOf(intentId),
    postingsOf: (entryId): readonly Posting[] => books.postingsOf(entryId),
    balances: () => books.allBalances(),
    orders: (filter, after, limit) => lists.ordersPage(filter, after, limit),
    fills: (filter, after, limit) => lists.fillsPage(filter, after, limit),
    otherEntries: (filter, after, limit) => lists.otherEntries(filter, after, limit),
    archivedContext: (actor) =>
      (reader.archivedActor(actor)?.snapshot as { readonly context?: unknown } | undefined)
        ?.context ?? null,
    storyOf: (positionId, lane) => storyOf(reader, positionId, lane),
    nextTimer: (actor) => {
      const deadlines = reader.liveActor(actor)?.timers.map(({ deadline }) => deadline) ?? [];
      return deadlines.length === 0 ? null : Math.min(...deadlines);
    },
    checked: () => check.view,
    check: () => check.begin(),
    pause,
  };
}

/**
 * What belongs to the position, its signal before that, and what tells of it in between without
 * belonging to it: bars that moved its stop or ended it, an operator's commands.
 */
async function storyOf(
  { journal }: LedgerReader,
  positionId: string,
  lane: string,
): Promise<readonly JournalRow[]> {
  const own: JournalRow[] = [];
  for (let before: number | undefined; own.length < correlatedMost; ) {
    const filter = { correlation: positionId, ...(before !== undefined && { before }) };
    const part = journal.page(filter, 250);
    own.push(...part);
    before = part.at(-1)?.seq;
    if (part.length < 250) break;
    await pause();
  }
  own.reverse();
  const actor = `position:${positionId}`;
  const first = own[0]?.seq;
  if (first === undefined) return own;
  const signal = journal
    .page({ code: "trade", subject: lane, before: first }, 1)
    .filter(({ content }) => content.includes(JSON.stringify(actor)));
  const last = own.at(-1)?.seq ?? first;
  const between: JournalRow[] = [];
  for (let from = first; from <= last; from += spanRows) {
    between.push(...journal.mentions(actor, lane, from, Math.min(last, from + spanRows - 1)));
    await pause();
  }
  return [...signal, ...own, ...between].toSorted((a, b) => a.seq - b.seq);
}
