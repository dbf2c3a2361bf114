import { toNumber } from "../../machines/domain/decimal.ts";
import {
  accountKey,
  actorName,
  type LaneName,
  type SymbolName,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import {
  type AccountConfig,
  accountsOf,
  type DeskConfig,
  dailyLossRule,
  type Lane,
  lanesOf,
  lossScope,
  staleDataRule,
} from "./config.ts";

/** One symbol of an account, whose bars must not stay away. */
export interface Watched {
  readonly symbol: SymbolName;
  readonly timeframeMs: number;
  /** The lane that leads in it. */
  readonly lane: LaneName;
  /** Name of the breaker that opens where they do. */
  readonly breaker: string;
}

/** What is watched of an account at each bar, with names that are made once. */
export interface AccountWatch {
  readonly account: AccountConfig;
  readonly symbols: readonly Watched[];
  readonly lossBreaker: string;
  /** Share of the day's first equity whose loss opens it. */
  readonly lossLimit: number;
}

/** The lanes of a desk, as those who bring news of a market, or ask for a price, look for them. */
export interface LaneMap {
  /** Those that trade the symbol by that market, leading ones first within each account. */
  of(market: string | undefined, symbol: SymbolName): readonly Lane[];
  /** The first of an account's lanes of the symbol. */
  lead(at: VenueAccount, symbol: SymbolName): Lane | undefined;
  readonly watches: readonly AccountWatch[];
  watchOf(account: AccountConfig): AccountWatch;
}

export function laneMapOf(config: DeskConfig): LaneMap {
  const lanes = lanesOf(config);
  const heard = bySymbol(lanes, ({ account }) => account.market);
  const leading = lanes.filter((lane) => lane.leads);
  const leads = bySymbol(leading, ({ account }) => accountKey(account.at));
  const lead = (at: VenueAccount, symbol: SymbolName) =>
    leads.get(accountKey(at))?.get(symbol)?.[0];
  const watches = accountsOf(config).map((account) => watchOver(config, account, lead));
  const byAccount = new Map(watches.map((watch) => [watch.account, watch]));
  return {
    watches,
    watchOf: (account) => byAccount.get(account) ?? watchOver(config, account, lead),
    lead,
    of: (market, symbol) => heard.get(market)?.get(symbol) ?? [],
  };
}

/** In two steps, for no key is put together when one is looked for. */
function bySymbol<Key>(
  lanes: readonly Lane[],
  keyOf: (lane: Lane) => Key,
): ReadonlyMap<Key, ReadonlyMap<SymbolName, readonly Lane[]>> {
  const groups = Map.groupBy(lanes, keyOf);
  return new Map(
    groups
      .entries()
      .map(([key, of]) => [key, Map.groupBy(of, ({ traded }) => traded.instrument.symbol)]),
  );
}

function watchOver(
  config: DeskConfig,
  account: AccountConfig,
  lead: LaneMap["lead"],
): AccountWatch {
  const { at, symbols } = account;
  return {
    account,
    symbols: symbols.flatMap(({ instrument: { symbol }, timeframeMs }) => {
      const lane = lead(at, symbol)?.lane;
      const breaker = actorName.breaker(`${staleDataRule}/${accountKey(at)}/${symbol}`);
      return lane === undefined ? [] : [{ symbol, timeframeMs, lane, breaker }];
    }),
    lossBreaker: actorName.breaker(`${dailyLossRule}/${lossScope(config, account)}`),
    lossLimit: toNumber(account.risk.dailyLossShare),
  };
}
