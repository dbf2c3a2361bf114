/** A whole desk on a real ledger and a paper venue, to be driven bar by bar, killed and restarted. */
import type { AnyMachineSnapshot } from "xstate";
import { Ledger } from "../../../adapters/store/ledger.ts";
import { ledgerLookUp } from "../../../adapters/store/look-up.ts";
import type { LedgerReader } from "../../../adapters/store/reader.ts";
import { candlePath } from "../../../adapters/venues/matching/mod.ts";
import { PaperVenue } from "../../../adapters/venues/paper/paper-venue.ts";
import { defaults, paperInstrument } from "../../../config/defaults.ts";
import type { DeskContext } from "../../../machines/desk.machine.ts";
import type { Command, CommandName } from "../../../machines/domain/command.ts";
import { decimal } from "../../../machines/domain/decimal.ts";
import type { Decision } from "../../../machines/domain/decision.ts";
import { type ActorKind, actorName } from "../../../machines/domain/ids.ts";
import type { Candle } from "../../../machines/domain/market.ts";
import type { OrderContext } from "../../../machines/order.types.ts";
import { type ActorSystem, keyedDraws, type MachineKind, VirtualClock } from "../../runtime/mod.ts";
import type { BookReading } from "../../scanner/mod.ts";
import type { DeskConfig } from "../config.ts";
import { Desk } from "../desk.ts";
import type { Recovery } from "../recovery.ts";
import { BentVenue } from "./bent-venue.ts";

export const at = defaults.account;
export const minute = 60_000;
export const dawn = Date.UTC(2026, 0, 5);
export const symbols = ["BTC/USD", "ETH/USD"] as const;
export type Traded = (typeof symbols)[number];

const { account: _account, accounts: _accounts, matching, fees: _fees, ...rules } = defaults;

/** Means of a few bars, so that a rise of three is a trade. */
export const config: DeskConfig = {
  mode: "paper",
  seed: 7,
  at,
  symbols: symbols.map((symbol) => ({
    instrument: paperInstrument(symbol, decimal("0.01")),
    timeframeMs: minute,
  })),
  quote: "USD",
  ...rules,
  strategy: {
    ...rules.strategy,
    frames: [1],
    // Known from the fourth bar on, so that several strategies are warm in a few bars.
    regime: { ...rules.strategy.regime, adx: 2, volatility: 2, usual: 3 },
    votes: { trend: { weight: 0.15, parameters: { fast: 2, slow: 4, adx: 2, minAdx: 1 } } },
    confluence: {
      ...rules.strategy.confluence,
      ...{ minFrames: 1, minStrategies: 1, minConfidence: 1e-9, minRewardToRisk: 0 },
      ...{ maxGapShare: 1, frameBonus: [1] },
    },
  },
  stop: {
    ...rules.stop,
    ...{ atrPeriod: 2, atrMultiple: 4, trailAtrMultiple: 6 },
    // Out of reach: a test of targets brings its own.
    targetAtrMultiple: 1_000,
  },
};

export interface WorldOptions {
  readonly path: string;
  readonly config?: DeskConfig;
  readonly kinds?: Readonly<Record<ActorKind, MachineKind>>;
}

/** What a test looks at and does inside a desk, where no door leads. */
interface Inside {
  readonly system: ActorSystem;
  readonly recovery: Recovery;
}

/** Closes that fall and then rise, so that the trend strategy says to hold; in ticks. */
export const rise = [100, 99, 98, 97, 96, 95, 97, 100, 103].map((close) => close * 1_000);

export class DeskWorld implements Disposable {
  readonly desk: Desk;
  readonly venue: BentVenue;
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly reader: LedgerReader;
  readonly decisions: Decision[] = [];
  /** Called between what a bar decided and what is sent for it. */
  betweenDecisionAndSending: () => void = () => {};
  /** What the order book says at a bar's close, in ticks. */
  readBook: (close: number) => BookReading | null = () => null;
  private readonly last = new Map<string, number>();
  private keys = 0;

  constructor(options: WorldOptions) {
    const used = options.config ?? config;
    this.ledger = new Ledger(options.path);
    this.reader = this.ledger.reader();
    const place = this.ledger.stateOf("place");
    for (const [key, value] of place) if (key !== "time") this.last.set(key, value as number);
    this.clock = new VirtualClock((place.get("time") as number | undefined) ?? dawn);
    const { clock, ledger } = this;
    const paper = new PaperVenue({
      at,
      clock,
      instruments: used.symbols.map(({ instrument }) => instrument),
      balances: { USD: decimal(100_000) },
      settings: matching,
    });
    paper.restore(ledger.stateOf(paper.space));
    this.venue = new BentVenue(paper);
    this.desk = new Desk({
      config: used,
      store: ledger,
      ledger: ledgerLookUp(this.reader),
      lease: ledger,
      venues: [this.venue],
      clock,
      draws: keyedDraws(used.seed),
      reached: () => {},
      outside: () => [
        ...paper.changes(),
        ...[...this.last, ["time", clock.now()] as const].map(([key, value]) => ({
          ...{ space: "place", key, value },
        })),
      ],
      ...(options.kinds && { kinds: options.kinds }),
    });
  }

  /** A desk that was started and is reconciled. */
  static async started(options: WorldOptions): Promise<DeskWorld> {
    const world = new DeskWorld(options);
    await world.start();
    return world;
  }

  start(handOver: () => void = () => {}): Promise<{ readonly resumed: boolean }> {
    return this.desk.start(() => {
      handOver();
      this.takeReports();
    });
  }

  get inside(): Inside {
    return this.desk as unknown as Inside;
  }

  get system(): ActorSystem {
    return this.inside.system;
  }

  get root(): DeskContext {
    return this.snapshot(actorName.desk)?.context as DeskContext;
  }

  snapshot(name: string): AnyMachineSnapshot | undefined {
    return this.system.snapshot(name);
  }

  /** Ids of the brakes that are on, as the status shows them. */
  brakes(): string[] {
    return this.desk.status().brakes.map(({ brakeId }) => brakeId);
  }

  /** Names of the live actors of a kind. */
  live(kind: ActorKind): string[] {
    return [...this.desk.actors()].map(([name]) => name).filter((each) => each.startsWith(kind));
  }

  /** Intents of live orders with what the venue holds of them: `entry new`, `stop open`. */
  orders(): string[] {
    return this.live("order").map((name) => {
      const { context, value } = this.snapshot(name) as AnyMachineSnapshot;
      const { intent, ended } = context as OrderContext;
      const held = (value as { live?: { held: string } }).live?.held ?? ended;
      return `${intent.role} ${held}`;
    });
  }

  /** One bar of each symbol named, through the venue and then the desk. */
  async bar(closes: Partial<Record<Traded, number>>): Promise<Decision[]> {
    const openedAt = Math.ceil(this.clock.now() / minute) * minute;
    const candles = Object.entries(closes).map(([symbol, close]): Candle => {
      const open = this.last.get(symbol) ?? close;
      const [high, low] = [Math.max(open, close) + 10, Math.min(open, close) - 10];
      this.last.set(symbol, close);
      return { symbol, openedAt, timeframeMs: minute, open, high, low, close, volume: 4_000 };
    });
    for (let index = 0; index < 4; index += 1) {
      for (const candle of candles) {
        const point = candlePath(candle)[index];
        if (!point) continue;
        await this.passTo(point.at);
        this.venue.paper.point(candle.symbol, point);
        await this.deliver();
      }
    }
    const decisions: Decision[] = [];
    for (const candle of candles) {
      decisions.push(...this.desk.bar(candle, this.readBook(candle.close)));
      this.betweenDecisionAndSending();
      await this.deliver();
    }
    this.decisions.push(...decisions);
    return decisions;
  }

  /** Bars of both symbols, of the same closes. */
  async bars(closes: readonly number[]): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (const close of closes) {
      decisions.push(...(await this.bar({ "BTC/USD": close, "ETH/USD": close })));
    }
    return decisions;
  }

  /** Bars of one symbol alone. */
  async barsOf(symbol: Traded, closes: readonly number[]): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (const close of closes) decisions.push(...(await this.bar({ [symbol]: close })));
    return decisions;
  }

  /** A bar that opens where it closes, so that nothing between it and the last one trades. */
  leap(symbol: Traded, close: number): Promise<Decision[]> {
    this.last.set(symbol, close);
    return this.barsOf(symbol, [close]);
  }

  /** Fires what is due until a time, in its own time. */
  async passTo(time: number): Promise<void> {
    for (let next = this.desk.nextDeadline(); next !== null && next <= time; ) {
      this.clock.advanceTo(Math.max(next, this.clock.now()));
      this.desk.fireTimer();
      await this.deliver();
      next = this.desk.nextDeadline();
    }
    this.clock.advanceTo(Math.max(time, this.clock.now()));
  }

  pass(ms: number): Promise<void> {
    return this.passTo(this.clock.now() + ms);
  }

  /** Does what is wanted outside and takes what the venue says, until all is quiet. */
  async deliver(): Promise<void> {
    do {
      await this.desk.settle();
    } while (this.takeReports());
  }

  /** Lets in what the venue says. False if it says nothing. */
  takeReports(): boolean {
    let some = false;
    for (let report = this.venue.takeReport(); report; report = this.venue.takeReport()) {
      this.desk.report(at, report);
      some = true;
    }
    return some || this.desk.isBusy;
  }

  command(name: CommandName, parts: Partial<Command> = {}) {
    this.keys += 1;
    return this.desk.command({
      ...{ name, who: "ann", role: "operate", target: null, reason: "" },
      idempotencyKey: `key-${this.clock.now()}-${this.keys}`,
      ...parts,
    });
  }

  /** The kinds of the journal's records with what they were about, oldest first. */
  journal(): { kind: string; subject: string; content: Readonly<Record<string, unknown>> }[] {
    this.desk.commit();
    return [...this.reader.journal.range()].map(({ kind, subject, content }) => ({
      kind,
      subject,
      content: JSON.parse(content) as Readonly<Record<string, unknown>>,
    }));
  }

  /** Ends it as a kill does: what is not committed is lost. */
  [Symbol.dispose](): void {
    this.reader.close();
    this.ledger.close();
  }
}
