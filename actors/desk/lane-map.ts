import { accountKey, type SymbolName, type VenueAccount } from "../../machines/domain/ids.ts";
import { type DeskConfig, type Lane, lanesOf } from "./config.ts";

/** The lanes of a desk, as those who bring news of a market, or ask for a price, look for them. */
export interface LaneMap {
  /** Those that trade the symbol by that market, leading ones first within each account. */
  of(market: string | undefined, symbol: SymbolName): readonly Lane[];
  /** The first of an account's lanes of the symbol. */
  lead(at: VenueAccount, symbol: SymbolName): Lane | undefined;
}

export function laneMapOf(config: DeskConfig): LaneMap {
  const lanes = lanesOf(config);
  const symbolOf = ({ traded }: Lane) => traded.instrument.symbol;
  const marketKey = (market: string | undefined, symbol: string) => `${market ?? ""} ${symbol}`;
  const heard = Map.groupBy(lanes, (lane) => marketKey(lane.account.market, symbolOf(lane)));
  const leads = new Map(
    lanes
      .filter((lane) => lane.leads)
      .map((lane) => [`${accountKey(lane.account.at)} ${symbolOf(lane)}`, lane]),
  );
  return {
    of: (market, symbol) => heard.get(marketKey(market, symbol)) ?? [],
    lead: (at, symbol) => leads.get(`${accountKey(at)} ${symbol}`),
  };
}
