import type { EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import { brakeOn } from "../../machines/domain/brake.ts";
import { type Decimal, multiply, subtract, toNumber, zero } from "../../machines/domain/decimal.ts";
import type { Decision, DecisionFacts } from "../../machines/domain/decision.ts";
import {
  accountKey,
  actorName,
  type LaneName,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import { type Candle, closedAt } from "../../machines/domain/market.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { ScannerContext } from "../../machines/scanner.machine.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem, Turn } from "../runtime/mod.ts";
import { type BookReading, decide, type FramePlane, isLate } from "../scanner/mod.ts";
import type { Brain } from "./brain.ts";
import { chaseEntry, type Touch, touchOf, withChase } from "./chase.ts";
import { type AccountConfig, accountOf, type DeskConfig, type Lane, staleBars } from "./config.ts";
import type { Counts } from "./counts.ts";
import { freeOf, type Levels, planOf } from "./entries.ts";
import type { Equities } from "./equity.ts";
import { type Evaluated, Evaluation } from "./evaluation.ts";
import { exposureFact } from "./exposure.ts";
import { type AccountWatch, type LaneMap, laneMapOf } from "./lane-map.ts";
import { barInput, type MoveInput, takeCandle, takeMove } from "./planes.ts";
import { openPositionsOf, unsettledOrders } from "./under-way.ts";

type Carried = EventObject & Readonly<Record<string, unknown>>;

export interface BarsOptions {
  /** May change while the desk runs, in what is safe to change. */
  readonly config: () => DeskConfig;
  readonly system: () => ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly brain: Brain;
  readonly equities: Equities;
  /** Why nothing that adds exposure to the account's symbol may leave now, or null. */
  readonly exposureStopped: (at: VenueAccount, symbol: string) => string | null;
}

/** What the market tells of a symbol sets off: indicators, equity, levels, and one decision. */
export class Bars {
  /** The evaluation whose turn is under way. */
  private evaluating: Evaluation | null = null;
  private known: { readonly config: DeskConfig; readonly lanes: LaneMap } | null = null;

  constructor(private readonly options: BarsOptions) {}

  /**
   * Lets a closed bar in, with what the order book said at its close where one is kept. Each lane
   * that trades the symbol by that market decides on it.
   */
  bar(candle: Candle, book: BookReading | null, market?: string): readonly Decision[] {
    const { symbol } = candle;
    const at = closedAt(candle);
    const { brain, counts } = this.options;
    counts.candles += 1;
    const decisions: Decision[] = [];
    for (const lane of this.lanes(symbol, market)) {
      const plane = this.planeOf(lane.lane);
      const payload = barInput(candle, book, brain.takeNews(lane.lane, at));
      takeCandle(plane, candle, payload, book);
      const heard = decisions.length === 0 ? { candle, market } : null;
      decisions.push(this.evaluate({ kind: "bar", lane, plane, payload, time: at, heard }));
    }
    return decisions;
  }

  /** Lets in that the price moved far inside a bar, to so many ticks at the desk's time. */
  move(symbol: string, price: number, at: number, market?: string): readonly Decision[] {
    const { brain } = this.options;
    return this.lanes(symbol, market).map((lane) => {
      const plane = this.planeOf(lane.lane);
      const payload: MoveInput = { price, ...brain.takeNews(lane.lane, at) };
      takeMove(plane, at, payload);
      return this.evaluate({ kind: "move", lane, plane, payload, time: at, heard: null });
    });
  }

  private get laneMap(): LaneMap {
    const config = this.options.config();
    if (this.known?.config !== config) this.known = { config, lanes: laneMapOf(config) };
    return this.known.lanes;
  }

  private lanes(symbol: string, market: string | undefined): readonly Lane[] {
    const lanes = this.laneMap.of(market, symbol);
    if (lanes.length > 0) return lanes;
    const by = market === undefined ? "" : ` by market "${market}"`;
    throw new RangeError(`Cannot take bar of "${symbol}"${by}: not traded`);
  }

  /** An account's symbol and the plane that leads in it; undefined before its first bar. */
  private quoted(at: VenueAccount, symbol: string) {
    const lead = this.laneMap.lead(at, symbol);
    if (!lead) return undefined;
    const plane = this.planeOf(lead.lane);
    return Number.isNaN(plane.price) ? undefined : { traded: lead.traded, plane };
  }

  private planeOf(lane: LaneName): FramePlane {
    return this.options.brain.planes.get(lane) as FramePlane;
  }

  private evaluate(of: Evaluated): Decision {
    const { config, system } = this.options;
    this.evaluating = new Evaluation(of, config().risk.exposureCap);
    const { kind, lane, payload } = of;
    return decisionOf(system().turn({ kind, subject: lane.lane, payload }, this.act));
  }

  /** What an evaluation does in its turn; one for all, for nine in ten come to nothing. */
  private readonly act = (turn: Turn): void => {
    const evaluation = this.evaluating as Evaluation;
    const { kind, lane, plane, payload, time, heard } = evaluation.of;
    for (const text of this.options.brain.untold) this.alarm(text);
    const isPresent = !isLate(plane, turn.at);
    if (lane.leads) {
      if (heard) this.followFeed(heard.candle, plane, heard.market);
      // While a market's past is heard, bar by bar, another one's silence says nothing.
      if (kind === "bar" && isPresent) this.watchFeeds(turn, time);
      this.markEquity(turn, time, lane.account);
    }
    // A bar of the past crossed levels at another time; a move is the present, whatever bars do.
    if (kind === "move" || isPresent) this.watchLevels(plane, lane);
    const touch = touchOf(plane, "book" in payload ? payload.book : undefined);
    const chase = this.chase(turn, lane, touch);
    turn.decision = this.decideOn(turn, evaluation, touch, chase);
  };

  /** An evaluation's turn is over: what it came to is counted and kept with its record. */
  evaluated(turn: Turn): void {
    const { brain, counts, system } = this.options;
    if (!this.evaluating) return;
    const { lane, plane } = this.evaluating.of;
    this.evaluating = null;
    if (!turn.failure) brain.told();
    const { code } = decisionOf(turn);
    counts.decisions += 1;
    counts.codes[code] = (counts.codes[code] ?? 0) + 1;
    if (!brain.keepsFeatures) return;
    brain.features.note(system().journalHead.seq, lane.lane, turn.at, plane);
  }

  /** An account's equity: what there is of its quote coin, and positions at their last close. */
  exactEquity({ at, quote }: AccountConfig): Decimal {
    const { books } = this.options;
    let total = books.balancesOf(at).get(quote) ?? zero;
    for (const row of books.openPositionsOf(at)) {
      const price = this.lastPrice(at, row.symbol);
      if (price === null) continue;
      total = subtract(total, multiply(row.quantity, subtract(zero, price)));
    }
    return total;
  }

  private readonly worthOf = (at: VenueAccount): number =>
    toNumber(this.exactEquity(accountOf(this.options.config(), at)));

  /** The symbol's last price on an account, quote coin; null before its first bar. */
  lastPrice(at: VenueAccount, symbol: string): Decimal | null {
    const quoted = this.quoted(at, symbol);
    return quoted ? priceOfTicks(quoted.traded.instrument, quoted.plane.price) : null;
  }

  /** When the symbol's last bar closed on an account, Unix milliseconds; null before the first. */
  lastClosedAt(at: VenueAccount, symbol: string): number | null {
    return this.quoted(at, symbol)?.plane.lastClosedAt ?? null;
  }

  private followFeed(candle: Candle, plane: FramePlane, market: string | undefined): void {
    const system = this.options.system();
    const feed = actorName.feed(candle.symbol, market);
    if (plane.bars === 1) {
      system.send(feed, { type: "feed.opened", at: candle.openedAt } as Carried);
    } else if (plane.missed > 0) {
      system.send(feed, { type: "feed.gap", missed: plane.missed } as Carried);
    }
  }

  /** A symbol whose bars stay away while those of others come is not to be traded. */
  private watchFeeds(turn: Turn, at: number): void {
    for (const watch of this.laneMap.watches) this.watchAccount(turn, at, watch);
  }

  private watchAccount(turn: Turn, at: number, { symbols }: AccountWatch): void {
    const system = this.options.system();
    for (const { symbol, timeframeMs, lane, breaker: name } of symbols) {
      const plane = this.planeOf(lane);
      if (Number.isNaN(plane.price)) continue;
      const state = system.snapshot(name)?.value;
      const silent = (at - plane.lastClosedAt) / timeframeMs;
      if (silent > staleBars) {
        if (state === "open") continue;
        const reason = `no bar of ${symbol} for ${Math.floor(silent)} of its bars`;
        system.send(name, { type: "breaker.tripped", reason, at: turn.at } as Carried);
      } else if (state === "open") {
        system.send(name, { type: "breaker.probe" });
        system.send(name, { type: "breaker.passed" });
      }
    }
  }

  private markEquity(turn: Turn, at: number, account: AccountConfig): void {
    const { books, equities } = this.options;
    const equity = equities.of(account.at);
    const system = this.options.system();
    const { lossBreaker, lossLimit } = this.laneMap.watchOf(account);
    let value = books.totalOf(account.at, account.quote);
    for (const row of books.openPositionsOf(account.at)) {
      const quoted = this.quoted(account.at, row.symbol);
      if (!quoted) continue;
      const { plane, traded } = quoted;
      value += Number(row.quantity) * plane.price * Number(traded.instrument.tick);
    }
    const isNewDay = equities.mark(account.at, at, value, this.worthOf);
    const breaker = system.snapshot(lossBreaker);
    if (isNewDay && breaker && breaker.value !== "closed") {
      const type = breaker.value === "open" ? "breaker.probe" : "breaker.passed";
      system.send(lossBreaker, { type });
    }
    if (equity.dayLoss >= lossLimit && breaker?.value !== "open") {
      const percent = (equity.dayLoss * 100).toFixed(2);
      const limit = (lossLimit * 100).toFixed(2);
      system.send(lossBreaker, {
        type: "breaker.tripped",
        reason: `lost ${percent} % of the day's first equity, limit ${limit} %`,
        at: turn.at,
      } as Carried);
    }
  }

  /** Trails the stop, and gets out at the target or where a stop that was passed did not fill. */
  private watchLevels(plane: FramePlane, lane: Lane): void {
    const { instrument } = lane.traded;
    const { stop: settings } = this.options.config();
    const system = this.options.system();
    const scanner = this.scannerOf(lane);
    if (scanner?.positionId == null) return;
    const name = actorName.position(scanner.positionId);
    const position = system.snapshot(name);
    if (!position?.hasTag("watched")) return;
    const { stopPrice, targetPrice, stopFrame } = position.context as PositionContext;
    const { price } = plane;
    const stop = Number(stopPrice) / Number(instrument.tick);
    if (price <= stop) {
      system.send(name, { type: "level.crossed" });
      return;
    }
    if (targetPrice !== null && price >= Number(targetPrice) / Number(instrument.tick)) {
      system.send(name, { type: "exit.wanted", reason: "target" } as Carried);
      return;
    }
    const range = plane.rangeOf(stopFrame);
    const raised = Math.floor(price - settings.trailAtrMultiple * range);
    if (!(raised - stop >= Math.max(1, settings.stepAtr * range))) return;
    system.send(name, {
      type: "level.raised",
      stopPrice: priceOfTicks(instrument, raised),
    } as Carried);
  }

  /** Moves an entry that works unfilled after the price; says what it did. */
  private chase(turn: Turn, lane: Lane, touch: Touch): string | null {
    const settings = this.options.config().entry.chase;
    if (!settings) return null;
    const { positionId } = this.scannerOf(lane) ?? {};
    if (positionId == null) return null;
    const { instrument, timeframeMs } = lane.traded;
    return chaseEntry(this.options.system(), settings, positionId, {
      at: turn.at,
      barMs: timeframeMs,
      touch,
      instrument,
      stopped: () => this.options.exposureStopped(lane.account.at, instrument.symbol),
    });
  }

  private decideOn(
    turn: Turn,
    evaluation: Evaluation,
    touch: Touch,
    chase: string | null,
  ): Decision {
    const { lane, plane } = evaluation.of;
    evaluation.at = turn.at;
    evaluation.facts = withChase(this.facts(lane, plane, turn.at), chase);
    const decision = decide(evaluation);
    const { quantity } = evaluation;
    const system = this.options.system();
    if (decision.code === "exit") system.send(lane.scanner, { type: "decision.exit" });
    else if (decision.code === "trade" && quantity !== null) {
      const plan = this.plan(plane, lane, evaluation.levels, quantity, touch);
      if (plan) system.send(lane.scanner, { type: "decision.trade", plan } as Carried);
    }
    return decision;
  }

  private plan(plane: FramePlane, lane: Lane, levels: Levels, quantity: Decimal, touch: Touch) {
    const config = this.options.config();
    // One that follows the touch begins at it; one that stays waits at the last price.
    const follows = (config.entry.chase?.reprices ?? 0) > 0;
    const ticks = follows ? touch.bid : plane.price;
    const { stopPrice, targetPrice, frame } = levels;
    if (stopPrice === null) return null;
    const opened = this.scannerOf(lane)?.opened ?? 0;
    return planOf(config, lane, {
      ...{ number: opened + 1, ticks, quantity, stopPrice, targetPrice, frame },
      votedBy: plane.holders(),
    });
  }

  /** What the gates may want of the desk; null where the market's own gates do without. */
  private facts(lane: Lane, plane: FramePlane, now: number): DecisionFacts | null {
    if (!plane.isWarm || plane.missed > 0 || isLate(plane, now)) return null;
    const { account, traded } = lane;
    const { at } = account;
    const system = this.options.system();
    const { symbol } = traded.instrument;
    const scanner = system.snapshot(lane.scanner)?.value;
    if (scanner === "engaged") return { scanner, votedBy: this.votedBy(lane) };
    if (plane.leaning < 1) return null;
    const desk = system.snapshot(actorName.desk)?.context as DeskContext | undefined;
    return {
      scanner: scanner === "coolingDown" ? scanner : "scanning",
      brake: brakeOn(desk?.brakes ?? [], accountKey(at), symbol)?.brakeId ?? null,
      reconciled: system.snapshot(actorName.account(at))?.hasTag("trading") ?? false,
      unsettled: this.unsettledOf(at, symbol).length,
      openPositions: openPositionsOf(system, at),
      equity: this.exactEquity(account),
      free: freeOf(account, this.options.books, system, (each) => this.lastPrice(at, each)),
      ...exposureFact(this.options, (...of) => this.lastPrice(...of), account.quote),
    };
  }

  /** Who voted for the position that is held: its exit is theirs to call. */
  private votedBy(lane: Lane): readonly string[] {
    const positionId = this.scannerOf(lane)?.positionId;
    const position = this.options.system().snapshot(actorName.position(positionId ?? ""));
    return (position?.context as PositionContext | undefined)?.votedBy ?? [];
  }

  /** An account's orders of the symbol whose fate is not known. */
  unsettledOf(at: VenueAccount, symbol: string): string[] {
    return unsettledOrders(this.options.system(), at, symbol);
  }

  private alarm(text: string): void {
    const event = { type: "alarm.raised", from: "strategies", text } as Carried;
    this.options.system().send(actorName.desk, event);
  }

  private scannerOf({ scanner }: Lane): ScannerContext | undefined {
    return this.options.system().snapshot(scanner)?.context as ScannerContext | undefined;
  }
}

/** What an evaluation's turn decided: nothing, where it was undone. */
function decisionOf({ decision, input, at }: Turn): Decision {
  if (decision) return decision;
  const gate = { name: "turn", value: "undone", limit: "done" };
  return { symbol: input.subject, at, outcome: "noTrade", code: "noSignal", gate, facts: null };
}
