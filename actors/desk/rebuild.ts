import { type ActorKind, kindOf } from "../../machines/domain/ids.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import { isTerminal } from "../../machines/domain/order.ts";
import type { OrderInput } from "../../machines/order.types.ts";
import type { PositionInput } from "../../machines/position.types.ts";
import type { Books, LedgerHistory } from "../account/mod.ts";
import { type DeskConfig, deskInput, strategiesOf } from "./config.ts";

export interface RebuildOptions {
  readonly config: DeskConfig;
  readonly ledger: LedgerHistory;
  readonly books: Books;
  /** The desk's time. */
  readonly at: number;
}

/**
 * What an actor is made anew with when its snapshot cannot be restored: what the ledger knows of
 * it. An order then looks itself up at the venue, a position protects what it holds. Null for an
 * actor that the ledger does not know and the configuration does not name.
 */
export function rebuildInput(name: string, options: RebuildOptions): unknown {
  const kind: ActorKind = kindOf(name);
  const id = name.slice(kind.length + 1);
  switch (kind) {
    case "order":
      return orderInput(id, options);
    case "position":
      return positionInput(id, options);
    case "scanner":
      return scannerInput(id, options);
    default: {
      const input = deskInput(options.config);
      const all = { feed: input.feeds, account: input.accounts, reconciler: input.reconcilers };
      if (kind === "feed") return all.feed.find(({ symbol }) => symbol === id) ?? null;
      if (kind === "breaker") {
        return input.breakers.find(({ rule, scope }) => `${rule}/${scope}` === id) ?? null;
      }
      if (kind === "account" || kind === "reconciler") {
        const found = all[kind].find(({ at }) => `${at.venue}:${at.account}` === id);
        return found ?? null;
      }
      return null;
    }
  }
}

function orderInput(intentId: string, { config, ledger, at }: RebuildOptions): OrderInput | null {
  const row = ledger.order(intentId);
  if (!row) return null;
  const attempts = ledger.attemptsOf(intentId);
  const last = attempts.at(-1);
  if (!last) return null;
  const { intent, venueOrderId, filled, filledFor } = row;
  return {
    intent,
    clientOrderId: last.clientOrderId,
    settings: config.order,
    recovered: { attempts, venueOrderId, filled, filledFor, at },
  };
}

const hasEnded = ({ state }: OrderRow): boolean =>
  state === "denied" || (state !== "new" && isTerminal(state));

function positionInput(positionId: string, options: RebuildOptions): PositionInput | null {
  const { config, ledger, books } = options;
  const orders = ledger.ordersOfPosition(positionId);
  const entry = orders.find(({ intent }) => intent.role === "entry");
  const traded = config.symbols.find(
    ({ instrument }) => instrument.symbol === entry?.intent.symbol,
  );
  if (!entry || !traded) return null;
  const stops = orders.filter(({ intent }) => intent.role === "stop");
  const exits = orders.filter(({ intent }) => intent.role === "exit");
  const stop = stops.at(-1);
  const exit = exits.at(-1);
  const row = books.position(positionId);
  const { createdAt: _, ...wanted } = entry.intent;
  const stopPrice = stop?.intent.stopPrice ?? entry.intent.price;
  if (!row || stopPrice === null) return null;
  return {
    positionId,
    vaultId: row.vaultId,
    at: row.at,
    symbol: row.symbol,
    instrument: traded.instrument,
    entry: wanted,
    stopPrice,
    // Whoever voted for it is not in the ledger: any strategy may call its exit.
    votedBy: strategiesOf(config).map(({ name }) => name),
    settings: config.position,
    recovered: {
      quantity: row.quantity,
      entryEnded: hasEnded(entry),
      stop: stop
        ? {
            intentId: stop.intent.intentId,
            asked: {
              quantity: stop.intent.quantity,
              price: null,
              stopPrice: stop.intent.stopPrice,
            },
            live: null,
            filled: stop.filled,
            ended: hasEnded(stop),
            stuck: false,
          }
        : null,
      stopNumber: stops.length,
      exit: exit ? { intentId: exit.intent.intentId, ended: hasEnded(exit) } : null,
      exitNumber: exits.length,
    },
  };
}

function scannerInput(id: string, { config, ledger, books }: RebuildOptions): unknown {
  const input = deskInput(config).scanners.find(
    ({ at, symbol }) => `${at.venue}:${at.account}/${symbol}` === id,
  );
  if (!input) return null;
  const open = [...books.openPositions()].find(({ symbol }) => symbol === input.symbol);
  const opened = ledger.lastPositionNumber(input.at, input.symbol);
  return { ...input, recovered: { opened, positionId: open?.positionId ?? null } };
}
