import {
  type AccountConfig,
  accountsOf,
  Desk,
  type DeskConfig,
  type DeskOptions,
} from "../../actors/desk/mod.ts";
import type { Vital } from "../../actors/desk/ports.ts";
import type { CandleSource } from "../../actors/market/ports.ts";
import type { Venue } from "../../actors/order/ports.ts";
import { canonicalJson, keyedDraws, VirtualClock } from "../../actors/runtime/mod.ts";
import type { Draws, MovableClock, Reached } from "../../actors/runtime/ports.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { accountKey } from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { type CommitListener, tellingStore } from "../log/mod.ts";
import { timelineOf } from "../simulation/candle-timeline.ts";
import { MarketRun, type Pace, type ScriptedInput, sourceSpace } from "../simulation/market-run.ts";
import { MergedTimeline, placeOf } from "../simulation/merged-timeline.ts";
import type { MarketTimeline, PaperMarket, TimelineSource } from "../simulation/timeline.ts";
import { Ledger } from "../store/ledger.ts";
import { ledgerLookUp } from "../store/look-up.ts";
import type { LedgerReader } from "../store/reader.ts";
import { accountChanges } from "./account-changes.ts";
import {
  type DrivenAccounts,
  drivenAccounts,
  paperAccount,
  wiredAccount,
} from "./account-venues.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import type { RunConfig } from "./run-config.ts";

export interface ComposeOptions {
  readonly config: RunConfig;
  readonly source: CandleSource | TimelineSource;
  readonly ledgerFile: string;
  /** Whether a ledger of another configuration is gone on with, where that is safe. */
  readonly takesChanges?: boolean;
  /** Given the desk, which may be hurried until it is ready. */
  readonly pace: (desk: Desk) => Pace;
  /** To find slow strategies by; see the desk's option. */
  readonly stopwatch?: () => number;
  readonly until: number | null;
  readonly reached: Reached;
  readonly onBar: (decisions: readonly Decision[], candle: Candle) => void;
  readonly onMove?: (decisions: readonly Decision[]) => void;
  /** What the run is told of the real world, by the market's time; given the desk. */
  readonly script?: (desk: Desk) => readonly ScriptedInput[];
  /** Markets that accounts beside the first go by, by name. */
  readonly beside?: ReadonlyMap<string, TimelineSource>;
  /** The venues on a wire that orders go to, one an account; without any, paper venues. */
  readonly wires?: readonly WiredVenue[];
  /** As the market's run has it. */
  readonly leaps?: boolean;
  /** Told of what is durable, for the log. */
  readonly listener?: CommitListener;
}

/** A desk with its ledger, its paper venue and the market that drives it. */
export interface Composition extends Disposable {
  readonly desk: Desk;
  readonly run: MarketRun<DrivenAccounts>;
  readonly reader: LedgerReader;
  /** The writer: for what goes on beside the turns, such as archiving. */
  readonly ledger: Ledger;
  readonly clock: MovableClock;
}

/** A venue behind sockets: its answers and reports come when they come. */
export interface WiredVenue {
  readonly venue: Venue;
  /** What keys of orders are drawn from: never twice the same, over all runs on that account. */
  readonly draws: Draws;
  /** Begins to listen, telling the desk what it must know of the link. */
  listen(tell: (vital: Vital) => void): void;
  close(): void;
  /** Where its time is the run's: moved with it, and each request waited for. */
  readonly lockstep?: Pick<PaperMarket, "due" | "advance">;
}

/** Under which a ledger notes the configuration of its run. */
export const configKey = "config";

/** Parts of a run that may be other ones when it goes on; what an actor took at birth is not. */
const changeable =
  /^desk\.(strategy|stop|entry|coolDownBars|order|position|risk\.(?!dailyLossShare))/;

/** What to do about accounts that are other ones. */
const accountsStay =
  "A ledger keeps the accounts that it began with, and their order. To trade on others, flatten " +
  "what is open and begin a new ledger";

/**
 * Notes a new ledger's configuration, or refuses one of another run. What differs and is safe to
 * change is taken up if that was asked for; returned for the desk's record of it.
 *
 * @throws {CommandError}
 */
function claimLedger(
  ledger: Ledger,
  reader: LedgerReader,
  { config, takesChanges = false }: ComposeOptions,
): DeskOptions["taken"] {
  const text = canonicalJson(config);
  const changed = ledger.stateOf("desk").get("config") as string | undefined;
  const known = changed ?? reader.meta().get(configKey);
  if (known === undefined) {
    ledger.writeMeta({ [configKey]: text });
    return undefined;
  }
  if (known === text) return undefined;
  const { words, rest } = accountChanges(JSON.parse(known), JSON.parse(text));
  const fixed = [...words, ...rest.filter((each) => !changeable.test(each))];
  if (takesChanges && fixed.length === 0) return { change: rest, text };
  const wrong = takesChanges ? fixed : [...words, ...rest];
  const shown = wrong.slice(0, 10).map((each) => `  ${each}`);
  if (wrong.length > shown.length) shown.push(`  and ${wrong.length - shown.length} more`);
  const hint = fixed.length === 0 ? ', or take up what is other with "--take-changes"' : "";
  const accounts = words.length === 0 ? "" : `${accountsStay}\n`;
  throw new CommandError(
    `Cannot resume ledger "${ledger.path}": it belongs to another run\n${shown.join("\n")}\n` +
      `${accounts}Give the same command as before, or another ledger with "--db FILE"${hint}`,
    exitCode.otherRun,
  );
}

/** A clock may be set right by this much, milliseconds; more than that is somebody's mistake. */
const setBackMost = 60_000;

/** The run's own time, or the market's. @throws {CommandError} where that is before the ledger's */
function clockOf(
  source: CandleSource | TimelineSource,
  lastAt: number,
  ledgerFile: string,
): MovableClock {
  const clock = "clock" in source ? source.clock : undefined;
  if (clock === undefined) return new VirtualClock(lastAt);
  const now = clock.now();
  if (now >= lastAt - setBackMost) return clock;
  const [last, present] = [lastAt, now].map((at) => new Date(at).toISOString());
  throw new CommandError(
    `Cannot resume ledger "${ledgerFile}": its last turn was at ${last}, and this machine's clock ` +
      `says ${present}, wanted a clock that was not set back`,
    exitCode.otherRun,
  );
}

/** A run's market, and beside it those that only further accounts go by. */
function withBeside(
  timeline: MarketTimeline<PaperMarket>,
  beside: ReadonlyMap<string, TimelineSource> = new Map(),
  stored: ReadonlyMap<string, unknown>,
): MarketTimeline<DrivenAccounts> {
  if (beside.size === 0) return timeline;
  const others = [...beside].map(([market, source]) => ({
    market,
    timeline: source.timeline(placeOf(stored, market)),
  }));
  return new MergedTimeline<PaperMarket, DrivenAccounts>([{ timeline }, ...others]);
}

function wireOf(wires: readonly WiredVenue[], { at }: AccountConfig): WiredVenue {
  const key = accountKey(at);
  const wire = wires.find(({ venue }) => accountKey(venue.at) === key);
  if (!wire) throw new RangeError(`Cannot trade on account "${key}": it has no venue`);
  return wire;
}

/** The accounts that trade a symbol by a market. */
function tradersOf(config: DeskConfig, market: string | undefined, symbol: string) {
  return accountsOf(config).filter(
    (account) =>
      account.market === market &&
      account.symbols.some(({ instrument }) => instrument.symbol === symbol),
  );
}

/** Puts a run together over a ledger file. @throws {CommandError} for another run */
export function compose(options: ComposeOptions): Composition {
  const { ledgerFile, reached, listener } = options;
  const ledger = new Ledger(ledgerFile, { reached });
  const reader = ledger.reader();
  try {
    const taken = claimLedger(ledger, reader, options);
    const assembled = assemble(options, {
      store: listener ? tellingStore(ledger, listener) : ledger,
      ledger: ledgerLookUp(reader),
      lease: ledger,
      ...(taken && { taken }),
    });
    return {
      ...assembled,
      ...{ reader, ledger },
      [Symbol.dispose]() {
        assembled.close();
        reader.close();
        ledger.close();
      },
    };
  } catch (error) {
    reader.close();
    ledger.close();
    throw error;
  }
}

/** A desk that is put together, with what drives it. */
export type Assembled = Pick<Composition, "desk" | "run" | "clock"> & { close(): void };

/** Where a run's ledger is kept, and what the desk may ask of it. */
export type Kept = Pick<DeskOptions, "store" | "ledger" | "lease" | "taken">;

/** Puts a run together over whatever keeps its ledger: the one place where parts meet. */
export function assemble(options: ComposeOptions, kept: Kept): Assembled {
  const { config, source, ledgerFile, pace, until, reached, onBar, wires = [] } = options;
  const { store } = kept;
  const stored = store.stateOf(sourceSpace);
  const { timeline: first, startAt } = timelineOf(source, stored);
  const timeline = withBeside(first, options.beside, stored);
  const clock = clockOf(source, startAt, ledgerFile);
  const isBegun = wires.some(({ lockstep }) => lockstep === undefined);
  const accounts = accountsOf(config.desk).map((account) =>
    wires.length === 0
      ? paperAccount(config, account, clock, store)
      : wiredAccount(account, wireOf(wires, account)),
  );
  const desk: Desk = new Desk({
    ...kept,
    config: config.desk,
    venues: accounts.map(({ venue }) => venue),
    clock,
    draws: wires[0]?.draws ?? keyedDraws(config.desk.seed),
    reached,
    outside: () => {
      const changes = accounts.flatMap((account) => [...account.changes()]);
      return store.keeps ? [] : [...changes, ...run.changes()];
    },
    ...(options.stopwatch && { stopwatch: options.stopwatch }),
  });
  const run = new MarketRun({
    desk,
    venue: drivenAccounts(accounts),
    beside: accounts.slice(1).map(({ driven }) => driven),
    timeline,
    clock,
    pace: pace(desk),
    eventPriceMove: config.desk.strategy.eventPriceMove,
    until,
    onBar,
    ...(options.onMove && { onMove: options.onMove }),
    ...(isBegun && { begin: (answered, failed) => desk.begin(answered, failed) }),
    onStream: ({ market, ...news }) => {
      for (const { at } of tradersOf(config.desk, market, news.symbol)) {
        desk.observe({ ...news, at });
      }
    },
    script: options.script?.(desk) ?? [],
    ...(options.leaps && { leaps: true }),
    stored,
  });
  const close = () => {
    for (const wire of wires) wire.close();
    void timeline.close?.();
  };
  return { desk, run, clock, close };
}
