import type { EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import { brakeOn } from "../../machines/domain/brake.ts";
import { type Decimal, multiply, subtract, toNumber, zero } from "../../machines/domain/decimal.ts";
import type { Decision, DecisionFacts } from "../../machines/domain/decision.ts";
import { accountKey, actorName } from "../../machines/domain/ids.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import { type Candle, closedAt } from "../../machines/domain/market.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import type { ScannerContext } from "../../machines/scanner.machine.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem, Turn } from "../runtime/mod.ts";
import { type BookReading, decide, type FramePlane } from "../scanner/mod.ts";
import type { Brain } from "./brain.ts";
import {
  type DeskConfig,
  dailyLossRule,
  staleBars,
  staleDataRule,
  type TradedSymbol,
} from "./config.ts";
import type { Counts } from "./counts.ts";
import { freeOf, type Levels, levelsOf, planOf, sizeAt } from "./entries.ts";
import type { EquityTracker } from "./equity.ts";
import { type BarInput, type MoveInput, takeBar, takeMove } from "./planes.ts";

type Carried = EventObject & Readonly<Record<string, unknown>>;

export interface BarsOptions {
  /** May change while the desk runs, in what is safe to change. */
  readonly config: () => DeskConfig;
  readonly system: () => ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly brain: Brain;
  readonly equity: EquityTracker;
}

const lossBreaker = actorName.breaker(`${dailyLossRule}/desk`);

/** What the market tells of a symbol sets off: indicators, equity, levels, and one decision. */
export class Bars {
  private readonly traded: ReadonlyMap<string, TradedSymbol>;

  constructor(private readonly options: BarsOptions) {
    const { symbols } = options.config();
    this.traded = new Map(symbols.map((each) => [each.instrument.symbol, each]));
  }

  /** Lets a closed bar in, with what the order book said at its close where one is kept. */
  bar(candle: Candle, book: BookReading | null): Decision {
    const { symbol, ...rest } = candle;
    const { plane, traded } = this.known(symbol);
    const at = closedAt(candle);
    const input: BarInput = { ...rest, ...(book ? { book } : {}), ...this.standing(plane, at) };
    takeBar(plane, symbol, input);
    this.options.counts.candles += 1;
    return this.evaluate("bar", symbol, input, plane, traded, (turn) => {
      this.followFeed(candle, plane);
      this.watchFeeds(turn, at);
      this.markEquity(turn, at);
    });
  }

  /** Lets in that the price moved far inside a bar, to so many ticks at the desk's time. */
  move(symbol: string, price: number, at: number): Decision {
    const { plane, traded } = this.known(symbol);
    const input: MoveInput = { price, ...this.standing(plane, at) };
    takeMove(plane, at, input);
    return this.evaluate("move", symbol, input, plane, traded, (turn) => this.markEquity(turn, at));
  }

  private known(symbol: string): { plane: FramePlane; traded: TradedSymbol } {
    const plane = this.options.brain.planes.get(symbol);
    const traded = this.traded.get(symbol);
    if (!plane || !traded) throw new RangeError(`Cannot take bar of "${symbol}": not traded`);
    return { plane, traded };
  }

  /** What the strategies' own results come to, as far as the plane does not know it yet. */
  private standing(plane: FramePlane, at: number): Pick<BarInput, "standing" | "notes"> {
    const { brain } = this.options;
    brain.tell(brain.standing.at(at));
    const changed = brain.standing.differencesFrom(plane.standing);
    const notes = brain.takeNotes();
    return { ...(changed && { standing: changed }), ...(notes.length > 0 && { notes }) };
  }

  private evaluate(
    kind: "bar" | "move",
    symbol: string,
    payload: BarInput | MoveInput,
    plane: FramePlane,
    traded: TradedSymbol,
    before: (turn: Turn) => void,
  ): Decision {
    this.options.counts.decisions += 1;
    const system = this.options.system();
    const turn = system.turn({ kind, subject: symbol, payload }, (turn) => {
      for (const text of this.options.brain.takeAlarms()) this.alarm(text);
      before(turn);
      this.watchLevels(plane, traded);
      turn.decision = this.decideOn(turn, plane, traded);
    });
    this.options.brain.features.note(system.journalHead.seq, symbol, turn.at, plane);
    const decision = turn.decision ?? undone(symbol, turn.at);
    const { codes } = this.options.counts;
    codes[decision.code] = (codes[decision.code] ?? 0) + 1;
    return decision;
  }

  /** Equity in quote coin: what is free and held of it, and positions at their last close. */
  exactEquity(): Decimal {
    const { books, brain } = this.options;
    const config = this.options.config();
    let total = books.balancesOf(config.at).get(config.quote) ?? zero;
    for (const row of books.openPositions()) {
      const traded = this.traded.get(row.symbol);
      const plane = brain.planes.get(row.symbol);
      if (!traded || !plane || Number.isNaN(plane.price)) continue;
      const price = priceOfTicks(traded.instrument, plane.price);
      total = subtract(total, multiply(row.quantity, subtract(zero, price)));
    }
    return total;
  }

  /** The symbol's last close, quote coin; null before its first bar. */
  lastPrice(symbol: string): Decimal | null {
    const traded = this.traded.get(symbol);
    const plane = this.options.brain.planes.get(symbol);
    if (!traded || !plane || Number.isNaN(plane.price)) return null;
    return priceOfTicks(traded.instrument, plane.price);
  }

  private followFeed(candle: Candle, plane: FramePlane): void {
    const system = this.options.system();
    const feed = actorName.feed(candle.symbol);
    if (plane.bars === 1) {
      system.send(feed, { type: "feed.opened", at: candle.openedAt } as Carried);
    } else if (plane.missed > 0) {
      system.send(feed, { type: "feed.gap", missed: plane.missed } as Carried);
    }
  }

  /** A symbol whose bars stay away while those of others come is not to be traded. */
  private watchFeeds(turn: Turn, at: number): void {
    const system = this.options.system();
    const account = accountKey(this.options.config().at);
    for (const [symbol, plane] of this.options.brain.planes) {
      if (plane.bars === 0) continue;
      const name = actorName.breaker(`${staleDataRule}/${account}/${symbol}`);
      const state = system.snapshot(name)?.value;
      const silent = (at - plane.lastClosedAt) / (this.traded.get(symbol)?.timeframeMs ?? 1);
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

  private markEquity(turn: Turn, at: number): void {
    const { books, equity, brain } = this.options;
    const config = this.options.config();
    const lossLimit = toNumber(config.risk.dailyLossShare);
    const system = this.options.system();
    let value = Number(books.balancesOf(config.at).get(config.quote) ?? 0);
    for (const row of books.openPositions()) {
      const traded = this.traded.get(row.symbol);
      const plane = brain.planes.get(row.symbol);
      if (!traded || !plane) continue;
      value += Number(row.quantity) * plane.price * Number(traded.instrument.tick);
    }
    const isNewDay = equity.mark(at, value);
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
  private watchLevels(plane: FramePlane, { instrument }: TradedSymbol): void {
    const { stop: settings } = this.options.config();
    const system = this.options.system();
    const scanner = this.scannerOf(instrument.symbol);
    if (scanner?.positionId == null) return;
    const name = actorName.position(scanner.positionId);
    const position = system.snapshot(name);
    if (!position?.hasTag("protected")) return;
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

  private decideOn(turn: Turn, plane: FramePlane, traded: TradedSymbol): Decision {
    const system = this.options.system();
    const config = this.options.config();
    const { symbol } = traded.instrument;
    const levels = levelsOf(plane, traded.instrument);
    let quantity: Decimal | null = null;
    const decision = decide({
      symbol,
      at: turn.at,
      market: plane,
      facts: this.facts(symbol, plane),
      positionCap: config.risk.positionCap,
      size: (account) => {
        const sizing = sizeAt(config, traded, plane.price, levels.stopPrice, account);
        if (sizing.type === "size") quantity = sizing.quantity;
        return sizing;
      },
    });
    const scanner = actorName.scanner(config.at, symbol);
    if (decision.code === "exit") system.send(scanner, { type: "decision.exit" });
    else if (decision.code === "trade" && quantity !== null) {
      const plan = this.plan(plane, traded, levels, quantity);
      if (plan) system.send(scanner, { type: "decision.trade", plan } as Carried);
    }
    return decision;
  }

  private plan(plane: FramePlane, traded: TradedSymbol, levels: Levels, quantity: Decimal) {
    const { stopPrice, targetPrice, frame } = levels;
    if (stopPrice === null) return null;
    const opened = this.scannerOf(traded.instrument.symbol)?.opened ?? 0;
    return planOf(this.options.config(), traded, {
      ...{ number: opened + 1, ticks: plane.price, quantity, stopPrice, targetPrice, frame },
      votedBy: plane.holders(),
    });
  }

  /** What the gates may want of the desk; null where the market's own gates do without. */
  private facts(symbol: string, plane: FramePlane): DecisionFacts | null {
    if (!plane.isWarm || plane.missed > 0) return null;
    const config = this.options.config();
    const system = this.options.system();
    const scanner = system.snapshot(actorName.scanner(config.at, symbol))?.value;
    if (scanner === "engaged") return { scanner, votedBy: this.votedBy(symbol) };
    if (plane.leaning < 1) return null;
    const desk = system.snapshot(actorName.desk)?.context as DeskContext | undefined;
    return {
      scanner: scanner === "coolingDown" ? scanner : "scanning",
      brake: brakeOn(desk?.brakes ?? [], accountKey(config.at), symbol)?.brakeId ?? null,
      reconciled: system.snapshot(actorName.account(config.at))?.hasTag("trading") ?? false,
      unsettled: this.unsettled(symbol),
      openPositions: this.openPositions(),
      equity: this.exactEquity(),
      free: freeOf(config, this.options.books, system, (each) => this.lastPrice(each)),
    };
  }

  /** Who voted for the position that is held: its exit is theirs to call. */
  private votedBy(symbol: string): readonly string[] {
    const positionId = this.scannerOf(symbol)?.positionId;
    const position = this.options.system().snapshot(actorName.position(positionId ?? ""));
    return (position?.context as PositionContext | undefined)?.votedBy ?? [];
  }

  /** Orders of the symbol whose fate is not known. */
  private unsettled(symbol: string): number {
    let count = 0;
    for (const [name, snapshot] of this.options.system().actors()) {
      if (!name.startsWith("order:") || !snapshot.hasTag("unknown")) continue;
      if ((snapshot.context as OrderContext).intent.symbol === symbol) count += 1;
    }
    return count;
  }

  private openPositions(): number {
    let count = 0;
    for (const [name, snapshot] of this.options.system().actors()) {
      if (name.startsWith("position:") && !snapshot.hasTag("over")) count += 1;
    }
    return count;
  }

  private alarm(text: string): void {
    const event = { type: "alarm.raised", from: "strategies", text } as Carried;
    this.options.system().send(actorName.desk, event);
  }

  private scannerOf(symbol: string): ScannerContext | undefined {
    const name = actorName.scanner(this.options.config().at, symbol);
    return this.options.system().snapshot(name)?.context as ScannerContext | undefined;
  }
}

/** The turn of the evaluation was undone: it decided nothing. */
function undone(symbol: string, at: number): Decision {
  const gate = { name: "turn", value: "undone", limit: "done" };
  return { symbol, at, outcome: "noTrade", code: "noSignal", gate, facts: null };
}
