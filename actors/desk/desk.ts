import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import { assert } from "../../machines/domain/assert.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import type { Command } from "../../machines/domain/command.ts";
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import {
  accountKey,
  actorName,
  isSameAccount,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { Candle } from "../../machines/domain/market.ts";
import { Books } from "../account/mod.ts";
import type { Venue } from "../order/mod.ts";
import { ActorSystem, type Turn } from "../runtime/mod.ts";
import type { BookReading } from "../scanner/mod.ts";
import { Bars } from "./bars.ts";
import { Brain } from "./brain.ts";
import { forgetBuried } from "./buried.ts";
import { type CommandScope, judge, obey } from "./commands.ts";
import { completed } from "./completed.ts";
import { accountOf, accountsOf, type DeskConfig, deskInput } from "./config.ts";
import { configurationRecordKind } from "./configuration-history.ts";
import { type Counts, newCounts } from "./counts.ts";
import { deskEffects } from "./effects.ts";
import { Equities, type EquityTracker } from "./equity.ts";
import { exposureStop } from "./exposure.ts";
import { FirstReadings, type WiredStart } from "./first-readings.ts";
import { Inspection } from "./inspection.ts";
import { Intake } from "./intake.ts";
import { machineKinds } from "./kinds.ts";
import { type LaneView, laneViews } from "./lane-views.ts";
import { Memory } from "./memory.ts";
import type { DeskOptions } from "./options.ts";
import { planeRecordKinds } from "./planes.ts";
import type { DrivenDesk } from "./ports.ts";
import { project } from "./projection.ts";
import { Recovery } from "./recovery.ts";
import { type DeskStatus, statusOf } from "./status.ts";
import { heed, type Vital } from "./vitals.ts";

/** Decisions that are kept at hand for the panel. */
const latestDecisions = 100;

/** The one way in and out of the desk: what enters, what is asked, what is shown. */
export class Desk implements DrivenDesk {
  readonly decisions: Decision[] = [];
  readonly counts: Counts = newCounts();
  readonly equities: Equities;
  readonly books: Books;
  /** What the visualiser is shown. */
  readonly inspection: Inspection;
  private readonly system: ActorSystem;
  private readonly bars: Bars;
  private readonly intake: Intake;
  private readonly brain: Brain;
  private readonly memory: Memory;
  private readonly recovery: Recovery;
  private readonly firstReadings = new FirstReadings();
  private settling: Promise<void> | null = null;
  private config: DeskConfig;

  constructor(private readonly options: DeskOptions) {
    const { config, store, ledger } = options;
    this.config = config;
    this.equities = new Equities(accountsOf(config));
    this.books = new Books(ledger);
    this.brain = new Brain(config, options.stopwatch, store.keeps === undefined);
    this.memory = new Memory(store, this.brain, this.equities, this.counts);
    const system = () => this.system;
    this.system = this.createSystem();
    this.inspection = new Inspection(system);
    const { books, brain, counts, equities } = this;
    const exposureStopped = (at: VenueAccount, symbol: string) => this.exposureStopped(at, symbol);
    this.bars = new Bars({
      ...{ config: () => this.config, system, books, brain, counts, equities, exposureStopped },
    });
    this.intake = new Intake({
      ...{ system, books, counts, ledger },
      assumptionsOf: (at) => this.venueOf(at).assumptions,
      moved: (at, coin, amount) => {
        if (coin === accountOf(config, at).quote) equities.shift(at, Number(amount));
      },
    });
    const { memory, intake } = this;
    this.recovery = new Recovery({
      ...{ config: () => this.config, system, books, memory, intake },
      ...{ store, ledger, clock: options.clock },
      lastClose: (at, symbol) => this.bars.lastPrice(at, symbol),
    });
  }

  /**
   * Starts anew or goes on. Reconciles first (the cold-start gate), then does again what was under
   * way when the process ended. `handOver` lets in what venues said before it ended. Over wires no
   * account waits for another's venue.
   */
  async start(handOver: () => void, wired?: WiredStart): Promise<{ readonly resumed: boolean }> {
    const { config } = this.options;
    const { resumed, setAside } = this.system.start();
    this.memory.restore();
    this.recovery.restore();
    this.system.turn({ kind: "start", subject: "desk", payload: { resumed } }, () => {
      for (const { at } of accountsOf(config)) {
        this.system.send(actorName.account(at), { type: "account.restarted" });
        this.system.send(actorName.reconciler(at), { type: "reconcile.now" });
      }
    });
    const { planesFrom } = this.memory;
    const { taken } = this.options;
    if (resumed && (taken || planesFrom !== undefined)) {
      const change = taken?.change ?? "the data planes of this version are other ones";
      this.takeUp(this.config, change, taken?.text ?? null, planesFrom);
    }
    this.recovery.makeAllAnew(setAside);
    this.recovery.retryBrake();
    handOver();
    if (wired) {
      await this.firstReadings.through(config, (...told) => this.begin(...told), wired);
      return { resumed };
    }
    await this.system.settle((effect) => effect.src === "readAccount");
    await this.settle();
    return { resumed };
  }

  bar(candle: Candle, book: BookReading | null = null, market?: string): readonly Decision[] {
    return this.evaluated(this.bars.bar(candle, book, market));
  }

  /** Lets in that a symbol's price moved far inside a bar, to so many ticks. */
  move(symbol: string, price: number, market?: string): readonly Decision[] {
    return this.evaluated(this.bars.move(symbol, price, this.options.clock.now(), market));
  }

  /** The symbol's last price on an account, quote coin; null before its first bar. */
  lastPrice(at: VenueAccount, symbol: string): Decimal | null {
    return this.bars.lastPrice(at, symbol);
  }

  /** The equity of all accounts of the first one's quote coin: what status shows, as a curve. */
  get equity(): EquityTracker {
    return this.equities.total;
  }

  private evaluated(decisions: readonly Decision[]): readonly Decision[] {
    this.recovery.answer();
    for (const each of this.brain.takeSlow()) this.observe({ type: "slowStrategy", ...each });
    return decisions;
  }

  report(at: VenueAccount, report: VenueReport): void {
    this.intake.report(at, report);
    this.recovery.answer();
  }

  fireTimer(): void {
    this.system.fireTimer();
    this.recovery.answer();
  }

  /** When the next timer is due, or null. */
  nextDeadline(): number | null {
    return this.system.timers.next()?.deadline ?? null;
  }

  /** Whether something waits to be done outside. */
  get isBusy(): boolean {
    return this.system.isBusy;
  }

  /** Does what is wanted outside, until nothing is. Whoever asks while it goes on waits for it. */
  settle(): Promise<void> {
    this.settling ??= this.settleAll().finally(() => {
      this.settling = null;
    });
    return this.settling;
  }

  /**
   * Begins what is wanted outside, waiting for nothing: for a venue on a wire. Each answer makes a
   * turn when it comes, and is then told by `answered`; what it wants is to be begun again.
   */
  begin(answered: () => void, failed: (error: unknown) => void): void {
    const heard = () => {
      this.recovery.answer();
      answered();
    };
    this.system.begin(heard, failed, (effect) => this.firstReadings.lets(effect));
  }

  commit(): void {
    this.system.commit();
  }

  /** Stops all actors, the last started first. The desk answers no more; its ledger goes on. */
  stop(): void {
    this.system.stop();
  }

  /**
   * Takes up another configuration of the same run: what differs must be safe to change. `change`
   * is what the journal says of it; `text` is kept as the ledger's configuration.
   */
  reconfigure(config: DeskConfig, change: unknown, text: string): void {
    this.system.commit();
    const { brain, memory } = this;
    const isOther = brain.differsUnder(config);
    // Whoever runs a decision again needs to know what its plane had heard.
    const records = () => this.options.store.recordsAfter(planeRecordKinds, 0);
    const planesFrom = isOther ? brain.rebuild(config, records()) : undefined;
    if (isOther) memory.rememberPlanes();
    const { standing } = this.config.strategy;
    if (isOther || !Bun.deepEquals(config.strategy.standing, standing)) brain.restand(config);
    this.takeUp(config, change, text, planesFrom);
  }

  private takeUp(
    config: DeskConfig,
    change: unknown,
    text: string | null,
    planesFrom?: number | null,
  ) {
    const { strategy, stop, risk } = config;
    const payload = { change, strategy, stop, risk, planesFrom };
    this.system.turn({ kind: configurationRecordKind, subject: "desk", payload }, () => {
      for (const { at, symbol, lane, coolDownMs } of deskInput(config).scanners) {
        const event = { type: "scanner.configured", coolDownMs } as EventObject;
        this.system.send(actorName.scanner(at, lane ?? symbol), event);
      }
      this.config = config;
      if (text !== null) this.memory.rememberConfig(text);
    });
    this.system.commit();
  }

  /** Lets in what is seen of the world around: a disk that fills, a loop that lags, a file. */
  observe(vital: Vital): void {
    const subject = vital.type === "vital" ? vital.rule : vital.type;
    this.system.turn({ kind: "vital", subject, payload: vital }, (turn) =>
      heed(vital, (actor, event) => this.system.send(actor, event), turn),
    );
    this.recovery.answer();
    this.system.commit();
  }

  /** Lets an operator's command in; the answer stands for what is durable. */
  command(command: Command): { readonly done: boolean; readonly text: string } {
    const known = this.memory.commandDone(command.idempotencyKey);
    if (known !== undefined) return { done: true, text: known };
    const scope = this.commandScope();
    const { done, text } = judge(command, scope);
    const input = { kind: "command", subject: command.name, payload: { ...command, done, text } };
    const turn = this.system.turn(input, (turn) => {
      if (!done) return;
      obey(command, scope, turn);
      if (!turn.failure) this.memory.rememberCommand(command.idempotencyKey, text);
    });
    this.recovery.answer();
    this.system.commit();
    if (turn.failure) return { done: false, text: `Cannot ${command.name}: ${turn.failure.error}` };
    return { done, text };
  }

  /** What the desk is now. Everything it says is durable when it is said. */
  status(): DeskStatus {
    this.system.commit();
    const { config, options, system, books, counts, intake, brain, bars, equities } = this;
    return statusOf({
      ...{ config, system, books, counts, brain, bars, equities },
      brakes: this.brakes(),
      ...{ at: options.clock.now(), readings: intake.reconciling.readings },
    });
  }

  /** Every lane as it stands. Everything it says is durable when it is said. */
  lanes(): readonly LaneView[] {
    this.system.commit();
    const { config, system, books, brain } = this;
    return laneViews({ config, system, books, brain });
  }

  /** Whether a brake is on, committed or not: for who watches the world, not for show. */
  isBraked(brakeId: string): boolean {
    return this.brakes().some((brake) => brake.brakeId === brakeId);
  }

  /** Whether every symbol has seen enough of the market to be traded. */
  get isWarm(): boolean {
    return [...this.brain.planes.values()].every((plane) => plane.isWarm);
  }

  /** A live actor's state and context: for the visualiser and tests. */
  actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]> {
    return this.system.actors();
  }

  private async settleAll(): Promise<void> {
    // What was begun without waiting is waited for by whoever began it.
    do {
      await this.system.settle();
      this.recovery.answer();
    } while (this.system.effects.waits);
  }

  private createSystem(): ActorSystem {
    const { config, store, clock, draws, reached } = this.options;
    return new ActorSystem({
      kinds: this.options.kinds ?? machineKinds,
      rootInput: deskInput(config),
      ...{ store, clock, reached },
      groupLimit: 512,
      effects: deskEffects({
        options: this.options,
        system: () => this.system,
        venueOf: (at) => this.venueOf(at),
        exposureStopped: (at, symbol) => this.exposureStopped(at, symbol),
      }),
      project: (name, after, before, turn) =>
        project(this.books, this.counts, name, after, before, turn, (row, votedBy) =>
          this.brain.closed(row, votedBy),
        ),
      outside: () => [
        ...(store.keeps ? [] : this.memory.changes(this.system.journalHead.seq)),
        ...this.recovery.changes(),
        ...this.options.outside(),
      ],
      onTurn: (turn) => this.onTurn(turn),
      onCommit: () => this.books.committed(),
      admit: (effect, event) => this.intake.admit(effect, event),
      complete: (kind, input, turn) => completed(kind, input, turn, draws, this.config.order),
      makeAnew: (setAside) => this.recovery.reviveAnew(setAside),
    });
  }

  private venueOf(at: VenueAccount): Venue {
    const venue = this.options.venues.find((each) => isSameAccount(each.at, at));
    assert(venue !== undefined, `Cannot reach "${accountKey(at)}": it is not configured`);
    return venue;
  }

  /** Why nothing that adds exposure may leave now, or null (P7). */
  private exposureStopped(at: VenueAccount, symbol: string): string | null {
    return exposureStop(at, symbol, {
      ...{ books: this.books, system: () => this.system, config: () => this.config },
      brakes: () => this.brakes(),
      priceOf: (...each) => this.bars.lastPrice(...each),
      unsettledOf: (...each) => this.bars.unsettledOf(...each),
    });
  }

  private onTurn(turn: Turn): void {
    if (turn.failure) this.counts.poison += 1;
    this.bars.evaluated(turn);
    this.recovery.note(turn);
    this.firstReadings.note(turn);
    if (turn.decision) {
      this.decisions.push(turn.decision);
      if (this.decisions.length > 2 * latestDecisions) this.decisions.splice(0, latestDecisions);
    }
    forgetBuried(turn, this.books);
  }

  private commandScope(): CommandScope {
    const { config } = this.options;
    return {
      accounts: accountsOf(config).map(({ at, symbols }) => ({
        at,
        symbols: symbols.map(({ instrument }) => instrument.symbol),
      })),
      send: (actor, event) => this.system.send(actor, event),
      actors: () => this.system.actors(),
      desk: () => this.deskContext(),
      silenced: () => this.brain.silenced(),
      enable: (strategy, at) => this.brain.enable(strategy, at),
      byHand: { mode: () => config.mode, live: () => this.system.live },
      settlement: {
        ...{ system: this.system, books: this.books, reconciling: this.intake.reconciling },
        orderSettings: this.config.order,
      },
    };
  }

  private brakes(): readonly Brake[] {
    const { pendingBrake } = this.recovery;
    const { brakes } = this.deskContext();
    return pendingBrake ? [...brakes, pendingBrake] : brakes;
  }

  private deskContext(): DeskContext {
    return this.system.snapshot(actorName.desk)?.context as DeskContext;
  }
}
