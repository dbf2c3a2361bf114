import { type Decimal, toNumber } from "../../machines/domain/decimal.ts";
import { accountKey, actorName, type SymbolName } from "../../machines/domain/ids.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { Bars } from "./bars.ts";
import {
  type AccountConfig,
  accountStreamRule,
  accountsOf,
  type DeskConfig,
  staleDataRule,
  staleStreamRule,
} from "./config.ts";
import type { Equities, EquityTracker } from "./equity.ts";
import { exposureOf } from "./exposure.ts";

/** What an operator watches beside the state: how far each limit is used, and what is heard. */
export interface DeskWatch {
  /** What open positions have cost and working entries may cost; null where a price is not known. */
  readonly exposure: Decimal | null;
  /** Most that it may be; null for no cap. */
  readonly exposureCap: Decimal | null;
  /** Equity of all accounts of the first one's quote coin, when the day began (UTC) and its change. */
  readonly day: { readonly start: number; readonly pnl: number };
  readonly accounts: readonly AccountWatched[];
}

export interface AccountWatched {
  readonly account: string;
  /** Share of the day's first equity lost so far, negative for a gain, and how much may be. */
  readonly dayLossShare: number;
  readonly dayLossLimit: number;
  /** Why the account's own stream does not stand; null where it does, or has none. */
  readonly streamCut: string | null;
  readonly symbols: readonly {
    readonly symbol: SymbolName;
    /** When its last bar closed, Unix milliseconds; null before the first. */
    readonly lastClosedAt: number | null;
    readonly timeframeMs: number;
    /** Why its data is not to be trusted, or null. */
    readonly stale: string | null;
  }[];
}

export interface WatchParts {
  readonly config: DeskConfig;
  readonly system: ActorSystem;
  readonly books: Books;
  readonly equities: Equities;
  readonly bars: Pick<Bars, "lastPrice" | "lastClosedAt">;
}

export function watchOf(parts: WatchParts): DeskWatch {
  const { config, system, books, equities, bars } = parts;
  const exposed = { books, system: () => system };
  const { total } = equities;
  return {
    exposure: exposureOf(exposed, (...each) => bars.lastPrice(...each), config.quote),
    exposureCap: config.risk.exposureCap ?? null,
    day: { start: total.dayStart, pnl: dayPnl(total) },
    accounts: accountsOf(config).map((account) => accountWatched(account, parts)),
  };
}

/** Nothing before the first mark. */
const dayPnl = ({ equity, dayStart, isMarked }: EquityTracker): number =>
  isMarked ? equity - dayStart : 0;

function accountWatched(
  { at, risk, symbols }: AccountConfig,
  { system, equities, bars }: WatchParts,
): AccountWatched {
  const tripped = (rule: string): string | null => {
    const snapshot = system.snapshot(actorName.breaker(rule));
    if (snapshot === undefined || snapshot.value !== "open") return null;
    return String((snapshot.context as { readonly reason?: unknown }).reason ?? "no sign of it");
  };
  const key = accountKey(at);
  return {
    account: key,
    dayLossShare: equities.of(at).dayLoss,
    dayLossLimit: toNumber(risk.dailyLossShare),
    streamCut: tripped(`${accountStreamRule}/${key}`),
    symbols: symbols.map(({ instrument: { symbol }, timeframeMs }) => ({
      symbol,
      timeframeMs,
      lastClosedAt: bars.lastClosedAt(at, symbol),
      stale:
        tripped(`${staleStreamRule}/${key}/${symbol}`) ??
        tripped(`${staleDataRule}/${key}/${symbol}`),
    })),
  };
}
