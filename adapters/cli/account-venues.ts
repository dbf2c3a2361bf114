import type { AccountConfig } from "../../actors/desk/mod.ts";
import type { Venue } from "../../actors/order/ports.ts";
import type { MovableClock, RuntimeStore, StateChange } from "../../actors/runtime/ports.ts";
import { openingBalance } from "../../config/defaults.ts";
import type { VenuesByMarket } from "../simulation/merged-timeline.ts";
import type { PaperMarket } from "../simulation/timeline.ts";
import { faulty } from "../venues/faulty.ts";
import { PaperVenue } from "../venues/paper/paper-venue.ts";
import type { WiredVenue } from "./compose.ts";
import type { RunConfig } from "./run-config.ts";

/** One account's venue as the desk sees it, and as the driver of its market does. */
export interface AccountVenue {
  readonly account: AccountConfig;
  readonly venue: Venue;
  readonly driven: PaperMarket;
  readonly changes: () => readonly StateChange[];
}

/** What a paper account begins with, by coin. */
export function openingBalances(
  { desk, balances }: RunConfig,
  account: AccountConfig,
): RunConfig["balances"] {
  return account === desk ? balances : { [account.quote]: openingBalance(account.quote) };
}

/** The paper venue of an account, honest or faulty as the run has it. */
export function paperAccount(
  config: RunConfig,
  account: AccountConfig,
  clock: MovableClock,
  ledger: Pick<RuntimeStore, "stateOf">,
): AccountVenue {
  const { desk, matching, faults } = config;
  const { at, symbols, isLive } = account;
  const paper = new PaperVenue({
    at,
    clock,
    meetsKnownBook: isLive === true,
    instruments: symbols.map(({ instrument }) => instrument),
    balances: openingBalances(config, account),
    settings: matching,
  });
  paper.restore(ledger.stateOf(paper.space));
  const market: Pick<PaperMarket, "point" | "book" | "print"> = {
    point: (symbol, point) => paper.point(symbol, point),
    book: (symbol, book) => paper.book(symbol, book),
    print: (symbol, print) => paper.print(symbol, print),
  };
  if (!faults) {
    const driven: PaperMarket = {
      at,
      ...market,
      takeReport: () => paper.takeReport(),
      due: () => paper.due(),
      isIdle: () => paper.isIdle(),
      advance: async (now) => paper.advance(now),
    };
    return { account, venue: paper, driven, changes: () => paper.changes() };
  }
  const line = faulty(paper, { ...faults, seed: String(desk.seed), clock });
  line.restore(ledger.stateOf(line.space));
  const driven: PaperMarket = {
    at,
    ...market,
    takeReport: () => line.takeReport(),
    due: () => earlier(line.due(), paper.due()),
    advance: async (now) => {
      paper.advance(now);
      await line.advance(now);
    },
  };
  const changes = () => [...paper.changes(), ...line.changes()];
  return { account, venue: line, driven, changes };
}

/** An account on a wire, whose market is only looked at; its time is moved in lockstep alone. */
export function wiredAccount(
  account: AccountConfig,
  { venue, lockstep }: Pick<WiredVenue, "venue" | "lockstep">,
): AccountVenue {
  const driven: PaperMarket = {
    at: venue.at,
    point: () => {},
    book: () => {},
    print: () => {},
    takeReport: () => venue.takeReport(),
    due: () => lockstep?.due() ?? null,
    advance: async (now) => await lockstep?.advance(now),
  };
  return { account, venue, driven, changes: () => [] };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** The first account's venue, whose market moves those of all accounts that go by it. */
export type DrivenAccounts = PaperMarket & VenuesByMarket<PaperMarket>;

export function drivenAccounts(accounts: readonly AccountVenue[]): DrivenAccounts {
  const [first] = accounts;
  if (!first) throw new RangeError("Cannot drive the market of no account");
  const of = (market: string | undefined): PaperMarket => {
    const own = accounts.filter(({ account }) => account.market === market);
    return own.length === 1 && own[0] === first ? first.driven : together(first.driven, own);
  };
  const byMarket = new Map(accounts.map(({ account: { market } }) => [market, of(market)]));
  const main = byMarket.get(undefined) ?? first.driven;
  return { ...main, of: (market) => byMarket.get(market) ?? main };
}

/** What happens in a market, to each account that trades the symbol there. */
function together(first: PaperMarket, accounts: readonly AccountVenue[]): PaperMarket {
  const trading = Map.groupBy(
    accounts.flatMap(({ account, driven }) =>
      account.symbols.map(({ instrument }) => ({ symbol: instrument.symbol, driven })),
    ),
    ({ symbol }) => symbol,
  );
  const each = (symbol: string, tell: (driven: PaperMarket) => void) => {
    for (const { driven } of trading.get(symbol) ?? []) tell(driven);
  };
  return {
    ...first,
    point: (symbol, point) => each(symbol, (driven) => driven.point(symbol, point)),
    book: (symbol, book) => each(symbol, (driven) => driven.book(symbol, book)),
    print: (symbol, print) => each(symbol, (driven) => driven.print(symbol, print)),
  };
}
