import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { AdjustmentTold } from "../../machines/account.machine.ts";
import { type Decimal, isPositive, isZero, zero } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import {
  accountKey,
  actorName,
  isSameAccount,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { Balance, OrderRow } from "../../machines/domain/ledger.ts";
import { isTerminal, type VenueOrder } from "../../machines/domain/order.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { Adjustment, Books } from "../account/mod.ts";
import type { Movement, VenueAssumptions } from "../order/mod.ts";
import {
  type CoinDifference,
  type Comparison,
  compareAccount,
  explaining,
  isDeskOrderId,
  roundingOf,
} from "../reconciler/mod.ts";
import type { ActorSystem, Turn } from "../runtime/mod.ts";
import { type AccountReading, coinDifference, orderDifference } from "./account-reading.ts";
import { movementsOfFills } from "./foreign-fills.ts";

/** What an account's reading brought. */
export interface AccountRead {
  readonly type: "account.read";
  readonly balances: readonly Balance[];
  readonly openOrders: readonly VenueOrder[];
  readonly fills: readonly Fill[];
  /** What moved the coins whose difference lasted; only where they were asked for. */
  readonly movements?: readonly Movement[];
  /** Why what moved them is not known, where it was asked for. */
  readonly unexplained?: string;
}

export interface ReconcilingOptions {
  readonly system: () => ActorSystem;
  readonly books: Books;
  /** The order behind a client order id or a venue's id, archived ones included. */
  readonly orderOf: (at: VenueAccount, order: VenueOrder) => OrderRow | null;
  readonly assumptionsOf: (at: VenueAccount) => VenueAssumptions;
  /** Told of each coin that came or went without a fill. */
  readonly moved: (at: VenueAccount, coin: string, amount: Decimal) => void;
  /** An attempt that was taken for absent is there after all. */
  readonly tellFalseProof: (turn: Turn, order: OrderContext, found: VenueOrder) => boolean;
}

/** The account's orders that live here. */
interface LiveOrders {
  /** By every id that they have, the venue's included. */
  readonly byId: ReadonlyMap<string, OrderContext>;
  readonly resting: readonly { name: string; clientOrderId: string; venueOrderId: string | null }[];
  /** Whose request or fills are on their way. */
  readonly unsettled: readonly string[];
}

/** Ids of the venue's and of clients do not collide: they are kept apart all the same. */
const ofVenue = (venueOrderId: string) => `venue ${venueOrderId}`;

/**
 * Compares ledger and venue, and says what comes of it: nothing, an entry that explains the
 * difference, or a difference that somebody has to settle. Within the turn of the reading.
 */
export class Reconciling {
  /** The last one of each account. */
  readonly readings = new Map<string, AccountReading>();

  constructor(private readonly options: ReconcilingOptions) {}

  /** @param foreignFills of the reading's fills those that are of no order of this ledger */
  take(
    turn: Turn,
    owner: string,
    at: VenueAccount,
    read: AccountRead,
    foreignFills: readonly Fill[],
  ): void {
    const { books } = this.options;
    const system = this.options.system();
    if (books.balancesOf(at).size === 0) {
      for (const { coin, total } of read.balances) {
        if (isPositive(total)) turn.booked.push(...books.open(at, coin, total, turn.at));
      }
    }
    const orders = this.ordersOf(at);
    const found = this.compare(at, orders, read);
    for (const order of read.openOrders) {
      const { clientOrderId: id } = order;
      const context = orders.byId.get(id ?? ofVenue(order.venueOrderId));
      if (!context || this.options.tellFalseProof(turn, context, order)) continue;
      // One that was replaced and rests all the same is its order's to know of.
      if (id === null || id === context.clientOrderId) continue;
      const { intentId } = context.intent;
      system.send(actorName.order(intentId), { type: "venue.order", order } as EventObject);
    }
    for (const { name } of found.doubtful) {
      system.send(name, { type: "order.doubt", since: turn.at } as EventObject);
    }
    const entries = [
      ...found.roundings.map((each) => rounding(at, each, turn.at)),
      ...this.explained(turn, at, orders, found, read, foreignFills),
    ];
    this.book(turn, at, entries);
    const left = this.stillDiffering(at, found.coins);
    const differences = [
      ...left.map((each) => coinDifference(at, each, orders.unsettled, read.unexplained)),
      ...found.orders.map((each) => orderDifference(each)),
    ];
    this.readings.set(accountKey(at), {
      at,
      takenAt: turn.at,
      balances: read.balances.map(({ coin, total }) => ({ coin, total })),
      ledger: new Map(books.balancesOf(at)),
      foreign: found.foreign,
      claimable: [
        ...found.foreign,
        ...found.orders.filter(({ kind }) => kind === "ended").map(({ order }) => order),
      ],
      differences,
    });
    if (differences.length === 0) books.matched(at);
    const event =
      differences.length === 0
        ? { type: "reconcile.matched", at: turn.at }
        : {
            type: "reconcile.differed",
            differences: differences.map(({ text }) => text),
            coins: left.map(({ coin }) => coin),
            // Nobody else may give such ids: to wait would be to trade beside another desk.
            isCertain: found.orders.some(({ kind }) => kind === "secondDesk"),
            at: turn.at,
          };
    system.send(owner, event);
  }

  /** Books what no fill explains, and says so: each entry is an event with its cause. */
  book(turn: Turn, at: VenueAccount, entries: readonly Adjustment[]): void {
    const told: AdjustmentTold[] = [];
    for (const entry of entries) {
      const changes = this.options.books.adjust(at, entry, turn.at);
      if (changes.length === 0) continue;
      turn.booked.push(...changes);
      told.push({ ...entry });
      this.options.moved(at, entry.coin, entry.amount);
    }
    if (told.length === 0) return;
    const event = { type: "account.adjusted", adjustments: told } as EventObject;
    this.options.system().send(actorName.account(at), event);
  }

  /** Names of the account's orders whose request, fate or fills are on their way. */
  unsettledOf(at: VenueAccount): readonly string[] {
    return this.ordersOf(at).unsettled;
  }

  private compare(at: VenueAccount, orders: LiveOrders, read: AccountRead): Comparison {
    const { books, orderOf } = this.options;
    return compareAccount(
      {
        balances: books.balancesOf(at),
        fateOf: (order) => {
          const { clientOrderId, venueOrderId } = order;
          if (orders.byId.has(ofVenue(venueOrderId))) return "live";
          if (clientOrderId !== null && orders.byId.has(clientOrderId)) return "live";
          const row = orderOf(at, order);
          if (row === null) return "foreign";
          return isOver(row) ? "ended" : "live";
        },
        resting: orders.resting,
        roundingOf: (coin) => roundingOf(this.stepOf(at, coin), books.amountsOf(at, coin)),
      },
      read.balances,
      read.openOrders,
    );
  }

  /** What explains coins that differ, within the venue's rounding; nothing while anything is on its way. */
  private explained(
    turn: Turn,
    at: VenueAccount,
    { unsettled }: LiveOrders,
    { coins }: Comparison,
    { movements, unexplained }: AccountRead,
    foreignFills: readonly Fill[],
  ): readonly Adjustment[] {
    const hasLasted = movements !== undefined || unexplained !== undefined;
    if (!hasLasted || unsettled.length > 0) return [];
    // What a second desk trades on this key is nothing that this one would take as given.
    const others = foreignFills.filter(({ clientOrderId }) => !isDeskOrderId(clientOrderId));
    const all = [...(movements ?? []), ...movementsOfFills(others)];
    const fresh = all.filter(({ id }) => !this.options.books.hasEntry(entryIdOf(at, id)));
    const matchedAt = this.matchedAt(at);
    return coins.flatMap((each) => {
      const { coin, difference } = each;
      const own = fresh.filter((movement) => movement.coin === coin);
      const found = explaining(difference, own, matchedAt, this.stepOf(at, coin));
      if (found === null) return [];
      const entries = found.movements.map(({ id, amount, kind, text }) => ({
        ...{ entryId: entryIdOf(at, id), coin, amount },
        cause: kind === "other" ? `venue: ${text}` : kind,
      }));
      if (isZero(found.rest)) return entries;
      return [...entries, rounding(at, { ...each, difference: found.rest }, turn.at)];
    });
  }

  /** The smallest amount of a coin that the venue keeps; zero where it keeps every digit. */
  private stepOf(at: VenueAccount, coin: string): Decimal {
    const { balanceSteps = {} } = this.options.assumptionsOf(at);
    return balanceSteps[coin] ?? balanceSteps["*"] ?? zero;
  }

  private matchedAt(at: VenueAccount): number {
    const snapshot = this.options.system().snapshot(actorName.account(at));
    return (snapshot?.context as { reconciledAt: number | null } | undefined)?.reconciledAt ?? 0;
  }

  private stillDiffering(
    at: VenueAccount,
    coins: readonly CoinDifference[],
  ): readonly CoinDifference[] {
    const balances = this.options.books.balancesOf(at);
    return coins.filter(({ coin, venue }) => (balances.get(coin) ?? zero) !== venue);
  }

  private ordersOf(at: VenueAccount): LiveOrders {
    const byId = new Map<string, OrderContext>();
    const resting: { name: string; clientOrderId: string; venueOrderId: string | null }[] = [];
    const unsettled: string[] = [];
    for (const [name, snapshot] of this.options.system().actors()) {
      if (!name.startsWith("order:")) continue;
      const context = snapshot.context as OrderContext;
      if (!isSameAccount(context.intent.at, at)) continue;
      const { clientOrderId, venueOrderId, attempts } = context;
      for (const attempt of attempts) byId.set(attempt.clientOrderId, context);
      if (venueOrderId !== null) byId.set(ofVenue(venueOrderId), context);
      if (isResting(snapshot)) resting.push({ name, clientOrderId, venueOrderId });
      if (isUnsettled(snapshot)) unsettled.push(name);
    }
    return { byId, resting, unsettled };
  }
}

/** The same for the same movement, whenever it is found. */
function entryIdOf(at: VenueAccount, movementId: string): string {
  return `movement/${accountKey(at)}/${movementId}`;
}

/** What the venue rounded: too little to be anything else. */
function rounding(
  at: VenueAccount,
  { coin, difference }: CoinDifference,
  time: number,
): Adjustment {
  const entryId = `rounding/${accountKey(at)}/${coin}/${time}`;
  return { entryId, coin, amount: difference, cause: "rounding" };
}

function isOver({ state }: OrderRow): boolean {
  return state === "denied" || (state !== "new" && isTerminal(state));
}

/** Whether the ledger believes that the order rests at the venue and asks nothing of it. */
function isResting(snapshot: AnyMachineSnapshot): boolean {
  return (
    snapshot.matches({ live: { asked: "none" } } as never) &&
    ["open", "triggered", "partial"].some((held) => snapshot.matches({ live: { held } } as never))
  );
}

function isUnsettled(snapshot: AnyMachineSnapshot): boolean {
  return (
    snapshot.hasTag("inFlight") ||
    snapshot.hasTag("unknown") ||
    snapshot.matches({ live: { books: "behind" } } as never)
  );
}
