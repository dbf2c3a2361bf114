import { positionsOf } from "../../actors/desk/mod.ts";
import { add, multiply, subtract } from "../../machines/domain/decimal.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { type Handlers, RouteError } from "../api/route.ts";
import type { tradesRoutes } from "../api/trades.ts";
import type { TripFilter, TripKey } from "../server/books-port.ts";
import type { PanelOptions } from "../server/ports.ts";
import { storyView } from "./story.ts";
import { TradeSums } from "./trade-sums.ts";
import {
  accountAsked,
  averagePrice,
  csvLine,
  dayMs,
  firstAccountOf,
  shareOf,
  timeText,
  tradedBy,
  tradeRowOf,
  tripOf,
} from "./trips.ts";

/** Rows that are read at a time where all are wanted. */
const rowsAtOnce = 200;

interface Asked {
  readonly day?: string | undefined;
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly strategy?: string | undefined;
  readonly exit?: string | undefined;
}

/** Round trips: lists, sums, exports and stories. */
export function tradesViews(options: PanelOptions): Handlers<typeof tradesRoutes> {
  const { desk, books } = options;
  return {
    "GET /api/v1/trades": ({ query: { sort, direction, after, limit, ...asked } }) => {
      const first = firstAccountOf(desk);
      const found = books.trips(filterOf(asked), {
        ...{ sorting: sort, isDescending: direction === "down", limit },
        after: after === undefined ? null : keyOf(after),
      });
      const last = found.length < limit ? undefined : found.at(-1);
      return {
        rows: found.map(({ row }) => tradeRowOf(row, first)),
        next: last ? textOf(last.key) : null,
      };
    },
    "GET /api/v1/trade-sums": async ({ query: { group, ...asked } }) => {
      const status = desk.status();
      const sums = new TradeSums(group);
      for await (const rows of allTrips(options, asked)) for (const row of rows) sums.take(row);
      const strategies = status.strategies.map(({ strategy }) => strategy).sort();
      return { ...sums.view(), choices: { ...tradedBy(desk), strategies } };
    },
    "GET /api/v1/trades.csv": ({ query }) => csvOf(options, query),
    "GET /api/v1/trades.json": ({ query }) => jsonOf(options, query),
    "GET /api/v1/open-trades": () => ({ rows: openTrades(options) }),
    "GET /api/v1/trades/:positionId": ({ params }) => storyView(options, params.positionId),
  };
}

function filterOf({ day, account, symbol, strategy, exit }: Asked): TripFilter {
  const since = day === undefined ? undefined : Date.parse(day);
  return {
    ...accountAsked(account),
    ...(symbol !== undefined && { symbol }),
    ...(strategy !== undefined && { strategy }),
    ...(exit !== undefined && { exitReason: exit }),
    ...(since !== undefined && { since, before: since + dayMs }),
  };
}

const textOf = ({ value, positionId }: TripKey): string => `${value}~${positionId}`;

/** @throws {RouteError} for what no page gave */
function keyOf(text: string): TripKey {
  const tilde = text.indexOf("~");
  const value = Number(text.slice(0, Math.max(tilde, 0)) || Number.NaN);
  if (!Number.isFinite(value)) {
    throw new RouteError(400, `Cannot go on after "${text}": wanted what the page before gave`);
  }
  return { value, positionId: text.slice(tilde + 1) };
}

/** All that match, the first to end first, in parts between which others have the loop. */
async function* allTrips(
  { desk, books }: PanelOptions,
  asked: Asked,
): AsyncGenerator<readonly PositionRow[]> {
  desk.commit();
  const filter = filterOf(asked);
  for (let after: TripKey | null = null; ; ) {
    const page = { sorting: "closed", isDescending: false, after, limit: rowsAtOnce } as const;
    const part = books.trips(filter, page);
    yield part.map(({ row }) => row);
    if (part.length < rowsAtOnce) return;
    after = part.at(-1)?.key ?? null;
    await books.pause();
  }
}

const csvHead = [
  ...["position", "number", "lane", "symbol", "account", "quote", "quantity", "entry price"],
  ...["exit price", "opened", "closed", "seconds", "pnl", "pnl share", "fees", "exit reason"],
  "voted by",
] as const;

async function* csvOf(options: PanelOptions, asked: Asked): AsyncGenerator<string> {
  const first = firstAccountOf(options.desk);
  yield csvLine(csvHead);
  for await (const rows of allTrips(options, asked)) {
    const lines = rows.map((row) => {
      const trade = tradeRowOf(row, first);
      const { openedAt, closedAt } = trade;
      return csvLine([
        ...[trade.positionId, trade.number, trade.lane, trade.symbol, trade.account, trade.quote],
        ...[trade.quantity, trade.entryPrice, trade.exitPrice],
        ...[timeText(openedAt), timeText(closedAt), (closedAt - openedAt) / 1_000],
        ...[trade.pnl, trade.share, trade.fees, trade.exitReason],
        trade.votedBy?.join(" ") ?? null,
      ]);
    });
    yield lines.join("");
  }
}

async function* jsonOf(options: PanelOptions, asked: Asked): AsyncGenerator<string> {
  const first = firstAccountOf(options.desk);
  let before = "[";
  for await (const rows of allTrips(options, asked)) {
    for (const row of rows) {
      yield `${before}\n${JSON.stringify(tradeRowOf(row, first))}`;
      before = ",";
    }
  }
  yield before === "[" ? "[]\n" : "\n]\n";
}

function openTrades({ desk, books }: PanelOptions) {
  const status = desk.status();
  const first = status.accounts[0]?.account ?? "";
  const quoteOf = new Map(status.accounts.map(({ account, quote }) => [account, quote]));
  return positionsOf(desk.actors()).map((view) => {
    const [venue = "", account = ""] = view.account.split(":");
    const at = { venue, account };
    const row = books.position(view.positionId);
    const lastPrice = desk.lastPrice(at, view.symbol);
    const worth = row && lastPrice !== null ? multiply(row.quantity, lastPrice) : null;
    // What was sold of it already is realised; what is left is worth the last price.
    const pnl = row && worth !== null ? add(subtract(worth, row.cost), row.realizedPnl) : null;
    return {
      ...tripOf(view.positionId, at, view.symbol, first),
      quote: quoteOf.get(view.account) ?? "",
      state: view.state,
      quantity: view.quantity,
      entryPrice: row ? averagePrice(row.boughtFor, row.bought) : null,
      openedAt: row?.openedAt ?? null,
      ...{ lastPrice, pnl },
      share: row && pnl !== null ? shareOf(pnl, row.boughtFor) : null,
      stopPrice: view.stopPrice,
      restingStop: view.restingStop,
      targetPrice: view.targetPrice,
      votedBy: [...view.votedBy],
      exitRefused: view.exitRefused,
      abandonRefused: view.abandonRefused,
    };
  });
}
