import type { EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import { brakeOn } from "../../machines/domain/brake.ts";
import {
  compare,
  type Decimal,
  decimal,
  fromSteps,
  multiply,
  subtract,
  toNumber,
  zero,
} from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import { accountKey, actorName, positionId } from "../../machines/domain/ids.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import { type Candle, closedAt } from "../../machines/domain/market.ts";
import { defaultVaultId } from "../../machines/domain/position.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { PositionContext, PositionInput } from "../../machines/position.types.ts";
import type { ScannerContext } from "../../machines/scanner.machine.ts";
import type { Books } from "../account/mod.ts";
import { type Sizing, sizeEntry } from "../risk/mod.ts";
import type { ActorSystem, Turn } from "../runtime/mod.ts";
import { decide, type Facts, type SymbolPlane } from "../scanner/mod.ts";
import {
  type DeskConfig,
  dailyLossRule,
  staleBars,
  staleDataRule,
  type TradedSymbol,
} from "./config.ts";
import type { Counts } from "./counts.ts";
import type { EquityTracker } from "./equity.ts";

type Carried = EventObject & Readonly<Record<string, unknown>>;

export interface BarsOptions {
  /** May change while the desk runs, in what is safe to change. */
  readonly config: () => DeskConfig;
  readonly system: () => ActorSystem;
  readonly books: Books;
  readonly counts: Counts;
  readonly planes: ReadonlyMap<string, SymbolPlane>;
  readonly equity: EquityTracker;
}

const lossBreaker = actorName.breaker(`${dailyLossRule}/desk`);

/** What a closed bar sets off: indicators, equity, levels, and one decision. */
export class Bars {
  private readonly traded: ReadonlyMap<string, TradedSymbol>;

  constructor(private readonly options: BarsOptions) {
    const { symbols } = options.config();
    this.traded = new Map(symbols.map((each) => [each.instrument.symbol, each]));
  }

  /** Lets a closed bar in. */
  bar(candle: Candle): Decision {
    const { symbol, openedAt, timeframeMs, open, high, low, close, volume } = candle;
    const { counts, planes } = this.options;
    const plane = planes.get(symbol);
    const traded = this.traded.get(symbol);
    if (!plane || !traded) throw new RangeError(`Cannot take bar of "${symbol}": not traded`);
    plane.update(candle);
    counts.candles += 1;
    counts.decisions += 1;
    const payload = { openedAt, timeframeMs, open, high, low, close, volume };
    const turn = this.options.system().turn({ kind: "bar", subject: symbol, payload }, (turn) => {
      this.followFeed(candle, plane);
      this.watchFeeds(turn, closedAt(candle));
      this.markEquity(turn, closedAt(candle));
      this.watchLevels(plane, traded);
      turn.decision = this.decideOn(turn, candle, plane, traded);
    });
    return (
      turn.decision ?? { symbol, at: turn.at, outcome: "noTrade", code: "noSignal", gate: null }
    );
  }

  /** Equity in quote coin: what is free and held of it, and positions at their last close. */
  exactEquity(): Decimal {
    const { books, planes } = this.options;
    const config = this.options.config();
    let total = books.balancesOf(config.at).get(config.quote) ?? zero;
    for (const row of books.openPositions()) {
      const traded = this.traded.get(row.symbol);
      const plane = planes.get(row.symbol);
      if (!traded || !plane || Number.isNaN(plane.lastClose)) continue;
      const price = priceOfTicks(traded.instrument, plane.lastClose);
      total = subtract(total, multiply(row.quantity, subtract(zero, price)));
    }
    return total;
  }

  /** The symbol's last close, quote coin; null before its first bar. */
  lastPrice(symbol: string): Decimal | null {
    const traded = this.traded.get(symbol);
    const plane = this.options.planes.get(symbol);
    if (!traded || !plane || Number.isNaN(plane.lastClose)) return null;
    return priceOfTicks(traded.instrument, plane.lastClose);
  }

  private followFeed(candle: Candle, plane: SymbolPlane): void {
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
    for (const [symbol, plane] of this.options.planes) {
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
    const { books, equity, planes } = this.options;
    const config = this.options.config();
    const lossLimit = toNumber(config.risk.dailyLossShare);
    const system = this.options.system();
    let value = Number(books.balancesOf(config.at).get(config.quote) ?? 0);
    for (const row of books.openPositions()) {
      const traded = this.traded.get(row.symbol);
      const plane = planes.get(row.symbol);
      if (!traded || !plane) continue;
      value += Number(row.quantity) * plane.lastClose * Number(traded.instrument.tick);
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

  /** Trails the stop, and gets out where price stands beyond a stop that did not fill. */
  private watchLevels(plane: SymbolPlane, { instrument }: TradedSymbol): void {
    const config = this.options.config();
    const system = this.options.system();
    const scanner = this.scannerOf(instrument.symbol);
    if (scanner?.positionId == null) return;
    const name = actorName.position(scanner.positionId);
    const position = system.snapshot(name);
    if (!position?.hasTag("protected")) return;
    const { stopPrice } = position.context as PositionContext;
    const stop = Number(stopPrice) / Number(instrument.tick);
    if (plane.lastClose <= stop) {
      system.send(name, { type: "level.crossed" });
      return;
    }
    const raised = Math.floor(plane.lastClose - config.stop.trailAtrMultiple * plane.range);
    if (raised - stop < Math.max(1, config.stop.stepAtr * plane.range)) return;
    system.send(name, {
      type: "level.raised",
      stopPrice: priceOfTicks(instrument, raised),
    } as Carried);
  }

  private decideOn(turn: Turn, candle: Candle, plane: SymbolPlane, traded: TradedSymbol): Decision {
    const system = this.options.system();
    const { at } = this.options.config();
    const { symbol } = candle;
    const facts = this.facts(turn, candle, plane);
    let quantity: Decimal | null = null;
    const stopPrice = this.stopPrice(candle.close, plane, traded);
    const decision = decide(facts, () => {
      const sizing = this.size(candle.close, stopPrice, traded);
      if (sizing.type === "size") quantity = sizing.quantity;
      return sizing;
    });
    const scanner = actorName.scanner(at, symbol);
    if (decision.code === "exit") system.send(scanner, { type: "decision.exit" });
    else if (decision.code === "trade" && quantity !== null && stopPrice !== null) {
      const plan = this.plan(candle, quantity, stopPrice, traded);
      system.send(scanner, { type: "decision.trade", plan } as Carried);
    }
    return decision;
  }

  private facts(turn: Turn, candle: Candle, plane: SymbolPlane): Facts {
    const config = this.options.config();
    const system = this.options.system();
    const { symbol } = candle;
    const desk = system.snapshot(actorName.desk)?.context as DeskContext | undefined;
    const scanner = system.snapshot(actorName.scanner(config.at, symbol))?.value;
    return {
      symbol,
      at: turn.at,
      warm: plane.isWarm,
      barsSeen: plane.bars,
      barsWanted: plane.warmup,
      missed: plane.missed,
      direction: this.direction(symbol, plane),
      scanner: scanner as Facts["scanner"],
      reconciled: system.snapshot(actorName.account(config.at))?.hasTag("trading") ?? false,
      brake: brakeOn(desk?.brakes ?? [], accountKey(config.at), symbol),
      unsettled: () => this.unsettled(symbol),
      openPositions: () => this.openPositions(),
      positionCap: config.risk.positionCap,
    };
  }

  /** The vote of all, or, for a position that is held, of those who voted for it. */
  private direction(symbol: string, plane: SymbolPlane): number {
    const positionId = this.scannerOf(symbol)?.positionId;
    if (positionId == null) return plane.direction;
    const position = this.options.system().snapshot(actorName.position(positionId));
    const votedBy = (position?.context as PositionContext | undefined)?.votedBy;
    return votedBy ? plane.directionAmong(votedBy) : plane.direction;
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

  /** The initial stop, rounded so that it is never looser than meant; null below one tick. */
  private stopPrice(close: number, plane: SymbolPlane, traded: TradedSymbol): Decimal | null {
    const distance = this.options.config().stop.atrMultiple * plane.range;
    if (Number.isNaN(distance)) return null;
    const ticks = Math.ceil(close - distance);
    return ticks >= 1 ? fromSteps(ticks, traded.instrument.tick) : null;
  }

  private size(close: number, stopPrice: Decimal | null, { instrument }: TradedSymbol): Sizing {
    const { books } = this.options;
    const config = this.options.config();
    const { riskShare, maxShare } = config.risk;
    const entryPrice = priceOfTicks(instrument, close);
    return sizeEntry({
      instrument,
      equity: this.exactEquity(),
      free: this.free(books),
      entryPrice,
      stopPrice: stopPrice ?? entryPrice,
      riskShare,
      maxShare,
    });
  }

  /** Quote coin that no working entry will need. */
  private free(books: Books): Decimal {
    const config = this.options.config();
    let free = books.balancesOf(config.at).get(config.quote) ?? zero;
    for (const [name, snapshot] of this.options.system().actors()) {
      if (!name.startsWith("order:") || snapshot.hasTag("over")) continue;
      const { intent, live, filled } = snapshot.context as OrderContext;
      if (intent.role !== "entry") continue;
      const traded = this.traded.get(intent.symbol);
      const close = this.options.planes.get(intent.symbol)?.lastClose ?? 0;
      const price = live.price ?? (traded ? priceOfTicks(traded.instrument, close) : zero);
      const left = subtract(live.quantity, filled);
      free = subtract(free, multiply(multiply(left, price), reserveFactor));
    }
    return compare(free, zero) > 0 ? free : zero;
  }

  private plan(
    candle: Candle,
    quantity: Decimal,
    stopPrice: Decimal,
    { instrument, timeframeMs }: TradedSymbol,
  ): PositionInput {
    const config = this.options.config();
    const { symbol } = candle;
    const id = positionId(config.at, symbol, (this.scannerOf(symbol)?.opened ?? 0) + 1);
    const isLimit = config.entry.type === "limit";
    return {
      positionId: id,
      vaultId: defaultVaultId,
      at: config.at,
      symbol,
      instrument,
      stopPrice,
      votedBy: this.options.planes.get(symbol)?.holders() ?? [],
      settings: config.position,
      entry: {
        intentId: `${id}/entry`,
        at: config.at,
        symbol,
        positionId: id,
        role: "entry",
        side: "buy",
        type: config.entry.type,
        quantity,
        price: isLimit ? priceOfTicks(instrument, candle.close) : null,
        stopPrice: null,
        timeInForce: "gtc",
        postOnly: false,
        expiresAt: null,
        patienceMs: isLimit ? config.entry.patienceBars * timeframeMs : null,
      },
    };
  }

  private scannerOf(symbol: string): ScannerContext | undefined {
    const name = actorName.scanner(this.options.config().at, symbol);
    return this.options.system().snapshot(name)?.context as ScannerContext | undefined;
  }
}

/** A working entry may cost more than its price: fees, and slippage of a market order. */
const reserveFactor = decimal("1.01");
