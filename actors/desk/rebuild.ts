import type { AnyMachineSnapshot } from "xstate";
import {
  add,
  type Decimal,
  divide,
  isPositive,
  maximum,
  roundToStep,
  subtract,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import {
  type ActorKind,
  actorName,
  kindOf,
  lanePath,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import type { OrderRow } from "../../machines/domain/ledger.ts";
import type { PositionRow } from "../../machines/domain/position.ts";
import { defaultVaultId } from "../../machines/domain/position.ts";
import type { Ended, OrderContext, OrderInput } from "../../machines/order.types.ts";
import type { PositionInput, StopState } from "../../machines/position.types.ts";
import type { ScannerInput } from "../../machines/scanner.machine.ts";
import type { Books, LedgerHistory } from "../account/mod.ts";
import { type DeskConfig, deskInput, lanesOf, type TradedSymbol } from "./config.ts";
import { salvagedJob } from "./jobs.ts";
import { salvagedExitReason, salvagedStopPrice } from "./salvage.ts";

export interface RebuildOptions {
  readonly config: DeskConfig;
  readonly ledger: LedgerHistory;
  readonly books: Books;
  /** The desk's time. */
  readonly at: number;
  /** The snapshot that could not be restored. */
  readonly snapshot: unknown;
  /** The actors that live, those made anew before included. */
  readonly actors: () => Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]>;
  /** Fills that the position's row counts and its actor is yet to hear of. */
  readonly untold: (positionId: string) => readonly Fill[];
  /** The symbol's last price on an account that is known, or null. */
  readonly lastClose: (at: VenueAccount, symbol: string) => Decimal | null;
}

/**
 * What an actor is made anew with when its snapshot cannot be restored: what the ledger knows of
 * it. An order then looks itself up at the venue, a position protects what it holds. Null for an
 * actor that the ledger does not know and the configuration does not name.
 */
export function rebuildInput(name: string, options: RebuildOptions): unknown {
  const kind: ActorKind = kindOf(name);
  const id = name.slice(kind.length + 1);
  const input = deskInput(options.config);
  switch (kind) {
    case "desk":
      return null;
    case "order":
      return orderInput(id, options);
    case "position":
      return positionInput(id, options);
    case "scanner":
      return scannerInput(id, input.scanners, options);
    case "feed":
      return input.feeds.find((each) => actorName.feed(each.symbol, each.market) === name) ?? null;
    case "breaker":
      return input.breakers.find(({ rule, scope }) => `${rule}/${scope}` === id) ?? null;
    case "job":
      return salvagedJob(id, options.snapshot);
    case "account":
    case "reconciler":
      return input[`${kind}s`].find(({ at }) => `${at.venue}:${at.account}` === id) ?? null;
  }
}

/** How the ledger has it that an order ended, or null. */
function endedAs({ state }: OrderRow): Ended | null {
  const live = state === "new" || state === "open" || state === "triggered" || state === "partial";
  return live ? null : state;
}

function orderInput(intentId: string, { config, ledger, at }: RebuildOptions): OrderInput | null {
  const row = ledger.order(intentId);
  const attempts = ledger.attemptsOf(intentId);
  const last = attempts.at(-1);
  if (!row || !last) return null;
  const { intent, venueOrderId, filled, filledFor } = row;
  return {
    intent,
    clientOrderId: last.clientOrderId,
    settings: config.order,
    // A claimed order is asked for by nothing but the venue's own id.
    ...(intent.role === "foreign" && venueOrderId !== null && { named: venueOrderId }),
    recovered: { attempts, venueOrderId, filled, filledFor, ended: endedAs(row), at },
  };
}

/** The number at the end of an intent's id: `…/stop-12`. */
const numberOf = ({ intent }: OrderRow): number =>
  Number(intent.intentId.slice(intent.intentId.lastIndexOf("-") + 1));

function newest(orders: readonly OrderRow[], role: "stop" | "exit"): OrderRow | null {
  const own = orders.filter(({ intent }) => intent.role === role);
  return own.sort((a, b) => numberOf(a) - numberOf(b)).at(-1) ?? null;
}

function snapshotOf(options: RebuildOptions, intentId: string): AnyMachineSnapshot | null {
  const name = actorName.order(intentId);
  for (const [each, snapshot] of options.actors()) if (each === name) return snapshot;
  return null;
}

/** A stop as its order's actor has it, for it may have been amended; else as the ledger does. */
function stopState(row: OrderRow, options: RebuildOptions): StopState {
  const { intentId, quantity, stopPrice } = row.intent;
  const intended = { quantity, price: null, stopPrice };
  const snapshot = snapshotOf(options, intentId);
  const order = snapshot?.context as OrderContext | undefined;
  const isKnown = order !== undefined && order.venueOrderId !== null && order.ended === null;
  return {
    intentId,
    asked: order ? (order.wanted ?? order.live) : intended,
    // What is in doubt is told by the order once it is known.
    live: isKnown && !snapshot?.hasTag("unknown") ? order.live : null,
    filled: order?.filled ?? row.filled,
    ended: endedAs(row) !== null,
    stuck: false,
  };
}

/** A stop never looser than any that is known; where none is, at what was paid or at the market. */
function stopPriceOf(
  stop: StopState | null,
  entry: OrderRow,
  row: PositionRow | undefined,
  { instrument }: TradedSymbol,
  options: RebuildOptions,
): Decimal | null {
  const known = [
    stop?.asked.stopPrice ?? null,
    stop?.live?.stopPrice ?? null,
    salvagedStopPrice(options.snapshot),
  ].filter((price) => price !== null);
  if (known.length > 0) return known.reduce(maximum);
  if (entry.intent.price !== null) return entry.intent.price;
  if (row && isPositive(row.bought)) {
    const paid = divide(row.boughtFor, row.bought, 18, "up");
    return roundToStep(paid, instrument.tick, "up");
  }
  return options.lastClose(entry.intent.at, entry.intent.symbol);
}

/** What the position's actor is to hold: what is told to it later is not in it yet. */
function quantityOf(
  row: PositionRow | undefined,
  { base }: Instrument,
  untold: readonly Fill[],
): Decimal {
  let quantity = row?.quantity ?? zero;
  for (const fill of untold) {
    const change = fill.side === "buy" ? subtract : add;
    quantity = change(quantity, fill.quantity);
    if (fill.feeCoin === base) quantity = add(quantity, fill.fee);
  }
  return quantity;
}

function positionInput(positionId: string, options: RebuildOptions): PositionInput | null {
  const { config, ledger, books, snapshot } = options;
  const orders = ledger.ordersOfPosition(positionId);
  const entry = orders.find(({ intent }) => intent.role === "entry");
  const { at, symbol } = entry?.intent ?? {};
  if (!entry || !at || !symbol) return null;
  const path = positionId.slice(0, positionId.lastIndexOf("/"));
  const held = lanesOf(config).find((each) => lanePath(each.account.at, each.lane) === path);
  if (!held) return null;
  const { lane, traded } = held;
  const stopRow = newest(orders, "stop");
  const exit = newest(orders, "exit");
  // None before the first fill.
  const row = books.position(positionId);
  const stop = stopRow ? stopState(stopRow, options) : null;
  const stopPrice = stopPriceOf(stop, entry, row, traded, options);
  if (stopPrice === null) return null;
  const { createdAt: _, ...wanted } = entry.intent;
  // Whoever began to sell goes on selling: a stop beside the exit would sell the same twice.
  const isLeaving = exit !== null && row?.state === "open";
  return {
    positionId,
    vaultId: row?.vaultId ?? defaultVaultId,
    at,
    symbol,
    ...(lane === symbol ? {} : { lane }),
    instrument: traded.instrument,
    entry: wanted,
    stopPrice,
    // Neither is in the ledger: the stop stays and is trailed by the shortest frame.
    targetPrice: null,
    stopFrame: 0,
    // Whoever voted for it is not in the ledger: any strategy may call its exit.
    votedBy: Object.keys(config.strategy.votes),
    settings: config.position,
    recovered: {
      quantity: quantityOf(row, traded.instrument, options.untold(positionId)),
      entryEnded: endedAs(entry) !== null,
      stop,
      stopNumber: stopRow ? numberOf(stopRow) : 0,
      exit: exit ? { intentId: exit.intent.intentId, ended: endedAs(exit) !== null } : null,
      exitNumber: exit ? numberOf(exit) : 0,
      exitReason: salvagedExitReason(snapshot) ?? (isLeaving ? "protectionFailed" : null),
    },
  };
}

function scannerInput(
  id: string,
  scanners: readonly ScannerInput[],
  { ledger, actors }: RebuildOptions,
): ScannerInput | null {
  const input = scanners.find(({ at, symbol, lane }) => lanePath(at, lane ?? symbol) === id);
  if (!input) return null;
  const prefix = actorName.position(`${id}/`);
  // By its actor: before the first fill the ledger has no row of it.
  let positionId: string | null = null;
  for (const [name, snapshot] of actors()) {
    if (name.startsWith(prefix) && !snapshot.hasTag("over")) {
      positionId = name.slice("position:".length);
    }
  }
  const opened = ledger.lastPositionNumber(input.at, input.lane ?? input.symbol);
  return { ...input, recovered: { opened, positionId } };
}
