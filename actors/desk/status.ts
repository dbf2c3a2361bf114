import type { DeskContext } from "../../machines/desk.machine.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import { add, type Decimal, zero } from "../../machines/domain/decimal.ts";
import { accountKey, actorName } from "../../machines/domain/ids.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { ReconcilerContext } from "../../machines/reconciler.machine.ts";
import type { ActorSystem, JournalHead } from "../runtime/mod.ts";
import type { StrategyStanding } from "../scanner/mod.ts";
import { type AccountReading, type AccountView, accountView } from "./account-reading.ts";
import type { Bars } from "./bars.ts";
import type { Brain } from "./brain.ts";
import { type AccountConfig, accountsOf, type DeskMode, type RiskConfig } from "./config.ts";
import type { Counts } from "./counts.ts";
import { type ExposureView, exposuresOf } from "./exposure.ts";
import { type DeskWatch, type WatchParts, watchOf } from "./watch.ts";

/** What the desk is, as far as it is durable. */
export interface DeskStatus {
  readonly mode: DeskMode;
  readonly state: "reconciling" | "running" | "braked";
  readonly brakes: readonly Brake[];
  readonly counts: Readonly<Counts>;
  /** Of all accounts of the first one's quote coin. */
  readonly equity: Decimal;
  readonly quote: string;
  /** The desk's time: virtual in a run from files. */
  readonly at: number;
  readonly journalHead: JournalHead;
  readonly alarms: number;
  readonly lastAlarm: string | null;
  readonly foreignOrders: number;
  readonly accounts: readonly AccountStatus[];
  /** What positions have cost and working entries may cost, by quote coin. */
  readonly exposures: readonly ExposureView[];
  /** Orders whose fate is not known: `order resolve` settles one that nothing proves. */
  readonly doubts: readonly Doubt[];
  /** How each strategy does by its own results, and which are switched off. */
  readonly strategies: readonly StrategyStanding[];
  /** How far limits are used, and what is heard. */
  readonly watch: DeskWatch;
  readonly positions: readonly { positionId: string; state: string; quantity: Decimal }[];
}

/** One account: what positions own, what is unmanaged, and what differs. */
export interface AccountStatus extends AccountView {
  readonly state: "reconciling" | "differing" | "reconciled";
  /** Of its quote coin. */
  readonly equity: Decimal;
  readonly quote: string;
  readonly risk: RiskConfig;
  /** Statistics of the day, UTC: its first equity, and the share of it lost so far. */
  readonly day: { readonly start: number; readonly loss: number };
  /** Why it could not be read lately, so many times in a row; null where the last reading was sound. */
  readonly unreadable: { readonly times: number; readonly cause: string } | null;
}

/** An order whose fate is not known. */
export interface Doubt {
  readonly intentId: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  /** Unix milliseconds. */
  readonly since: number;
  /** Look-ups so far that proved nothing. */
  readonly lookUps: number;
}

interface StatusParts extends WatchParts {
  readonly counts: Counts;
  readonly brain: Brain;
  readonly brakes: readonly Brake[];
  readonly bars: WatchParts["bars"] & Pick<Bars, "exactEquity">;
  readonly at: number;
  /** What each account's venue said last, by account. */
  readonly readings: ReadonlyMap<string, AccountReading>;
}

/** Puts together what is said of the desk. */
export function statusOf(parts: StatusParts): DeskStatus {
  const { config, system, books, counts, brain, brakes, at } = parts;
  const desk = system.snapshot(actorName.desk)?.context as DeskContext;
  const accounts = accountsOf(config).map((account) => accountStatus(account, parts));
  const isGated = accounts.some(({ state }) => state === "reconciling");
  const positions = [...books.openPositions()].map(({ positionId, quantity }) => {
    const value = system.snapshot(actorName.position(positionId))?.value;
    return { positionId, state: typeof value === "string" ? value : "closing", quantity };
  });
  return {
    mode: config.mode,
    state: isGated ? "reconciling" : brakes.length > 0 ? "braked" : "running",
    brakes,
    counts: { ...counts, codes: { ...counts.codes } },
    equity: equityIn(config.quote, accounts),
    quote: config.quote,
    at,
    journalHead: system.committedHead,
    alarms: desk.alarms,
    lastAlarm: desk.lastAlarm,
    foreignOrders: accounts.reduce((total, each) => total + each.foreignOrders.length, 0),
    exposures: exposuresOf(
      { books, system: () => system, config: () => config },
      (...of) => parts.bars.lastPrice(...of),
      accountsOf(config).map(({ quote }) => quote),
    ),
    doubts: doubtsOf(system),
    positions,
    watch: watchOf(parts),
    accounts,
    strategies: brain.standing.view(),
  };
}

function accountStatus(
  account: AccountConfig,
  { system, books, readings, bars, equities }: StatusParts,
): AccountStatus {
  const { at, quote, risk } = account;
  const { dayStart, dayLoss } = equities.of(at);
  const actor = system.snapshot(actorName.account(at));
  const isGated = actor?.hasTag("gated") ?? true;
  return {
    ...accountView(at, books, quote, readings.get(accountKey(at))),
    state: isGated ? "reconciling" : actor?.hasTag("trading") ? "reconciled" : "differing",
    equity: bars.exactEquity(account),
    ...{ quote, risk },
    day: { start: dayStart, loss: dayLoss },
    unreadable: unreadableOf(system, account),
  };
}

function unreadableOf(system: ActorSystem, { at }: AccountConfig): AccountStatus["unreadable"] {
  const reconciler = system.snapshot(actorName.reconciler(at))?.context;
  const { unreadable: times, cause } = (reconciler ?? {}) as Partial<ReconcilerContext>;
  return times !== undefined && times > 0 && cause != null ? { times, cause } : null;
}

function equityIn(coin: string, accounts: readonly AccountStatus[]): Decimal {
  return accounts
    .filter(({ quote }) => quote === coin)
    .reduce<Decimal>((total, { equity }) => add(total, equity), zero);
}

function doubtsOf(system: ActorSystem): readonly Doubt[] {
  const doubts: Doubt[] = [];
  for (const [name, snapshot] of system.actors()) {
    if (!name.startsWith("order:") || !snapshot.hasTag("unknown")) continue;
    const { intent, clientOrderId, venueOrderId, doubtSince, lookUps } =
      snapshot.context as OrderContext;
    const { intentId } = intent;
    doubts.push({ intentId, clientOrderId, venueOrderId, since: doubtSince, lookUps });
  }
  return doubts;
}
