/** Runs past decisions again from what the journal has of them (P9). */
import type { Decimal } from "../../machines/domain/decimal.ts";
import type { Decision } from "../../machines/domain/decision.ts";
import type { LaneName } from "../../machines/domain/ids.ts";
import { priceOfTicks } from "../../machines/domain/instrument.ts";
import type { Candle } from "../../machines/domain/market.ts";
import type { SavedState } from "../market/mod.ts";
import { canonicalJson, type JournalRecord } from "../runtime/mod.ts";
import type { BookReading, FramePlane, KnownStanding } from "../scanner/mod.ts";
import { type DeskConfig, type Lane, lanesOf } from "./config.ts";
import type { ConfigurationHistory, PlanesEra } from "./configuration-history.ts";
import { type Difference, differencesOf } from "./differences.ts";
import { type Judgement, judge, type Moment } from "./judgement.ts";
import { type BarInput, createPlane, planeRecordKinds, takeRecord } from "./planes.ts";

/** One past evaluation with all that led to it. */
export interface Explanation {
  /** The journal record that its input is in. */
  readonly record: Pick<JournalRecord, "seq" | "hash" | "kind">;
  readonly symbol: string;
  /** Whose decision on the symbol it is, where several accounts or books trade it. */
  readonly lane: LaneName;
  /** The desk's time, Unix milliseconds. */
  readonly at: number;
  readonly price: Decimal;
  /** Smallest step of the price: numbers of frames and votes that are prices count these. */
  readonly tick: Decimal;
  /** What the order book said at the last bar's close; null without one. */
  readonly book: BookReading | null;
  /** Multipliers from the strategies' own results, as the plane had them. */
  readonly standing: Required<KnownStanding>;
  readonly recorded: Decision;
  /** The same inputs judged again under the configuration that was in force. */
  readonly again: Judgement;
  /** Whether `recorded` and the decision of `again` are the same, bit for bit. */
  readonly isSame: boolean;
  /** Judged under the changed configuration; null where nothing was to be changed. */
  readonly changed: {
    readonly judgement: Judgement;
    readonly differences: readonly Difference[];
  } | null;
}

export interface WhyOptions {
  readonly symbol: string;
  readonly history: ConfigurationHistory;
  /** What the configuration is to be instead, given the one that was in force. */
  readonly change?: (config: DeskConfig) => DeskConfig;
}

/** Whether a record is an evaluation of the symbol that came to a decision. */
export function isEvaluation(record: JournalRecord, symbol: string): boolean {
  return isHeard(record, symbol) && record.code !== null;
}

function isHeard({ kind, subject }: JournalRecord, symbol: string): boolean {
  return subject === symbol && planeRecordKinds.some((each) => each === kind);
}

/**
 * Explains the evaluations with the wanted sequences, in their order. The records are walked once,
 * from the ledger's first one on (others than the symbol's may be among them); no further than to
 * the last that is wanted.
 *
 * @throws {RangeError} on the way, if the symbol is not traded, or a wanted record is no evaluation
 *   of it that came to a decision
 */
export function* explanations(
  records: Iterable<JournalRecord>,
  wanted: ReadonlySet<number>,
  { symbol, history, change }: WhyOptions,
): Generator<Explanation, void> {
  const last = Math.max(...wanted);
  const reruns = history.planes
    .filter(({ since, until }) => [...wanted].some((seq) => seq > since && seq <= until))
    .map((era) => new Rerun(era, history, symbol, change ?? null));
  let left = wanted.size;
  for (const record of records) {
    if (record.seq > last) break;
    if (!isHeard(record, symbol)) continue;
    for (const rerun of reruns) rerun.take(record);
    if (!wanted.has(record.seq)) continue;
    const judging = reruns.find(({ era }) => record.seq > era.since && record.seq <= era.until);
    if (!judging) continue;
    yield judging.explain(record);
    left -= 1;
  }
  if (left > 0) {
    throw new RangeError(
      `Cannot explain ${left} of ${wanted.size} records: they are no evaluations of "${symbol}"`,
    );
  }
}

/** What a rerun has heard up to some record. */
export interface RerunState {
  readonly plane: SavedState;
  readonly lastBar: JournalRecord | null;
}

/** One set of planes of the symbol, hearing what they heard then. */
export class Rerun {
  private readonly lane: Lane;
  private readonly change: ((config: DeskConfig) => DeskConfig) | null;
  private readonly plane: FramePlane;
  private readonly changed: FramePlane | null;
  private lastBar: JournalRecord | null = null;

  constructor(
    readonly era: PlanesEra,
    private readonly history: ConfigurationHistory,
    private readonly symbol: string,
    change: ((config: DeskConfig) => DeskConfig) | null = null,
  ) {
    const { config } = era;
    const lanes = lanesOf(config);
    const lane = lanes.find((each) => each.lane === symbol);
    if (!lane) {
      const known = lanes.map((each) => each.lane).join(", ");
      throw new RangeError(
        `Cannot explain decisions of "${symbol}": it is not traded, wanted one of ${known}`,
      );
    }
    this.lane = lane;
    // A strategy that fails says so in its votes.
    const create = (by: DeskConfig) => {
      const own = lanesOf(by).find((each) => each.lane === symbol) ?? lane;
      return createPlane(own, by.stop, { onFailure: () => {} });
    };
    this.plane = create(config);
    this.change = change ? (by) => inBooks(change(by), by) : null;
    this.changed = this.change ? create(this.change(config)) : null;
  }

  /** What its planes are made by: state is only taken back by the same key. */
  get key(): string {
    return this.plane.key;
  }

  /** What it has heard so far; of the changed plane nothing is kept. */
  save(): RerunState {
    return { plane: this.plane.save(), lastBar: this.lastBar };
  }

  /** Goes on from there. @throws {RangeError} for the state of another plane */
  restore({ plane, lastBar }: RerunState): void {
    this.plane.restore(plane);
    this.lastBar = lastBar;
  }

  /** Takes a record in; one that is no evaluation of the symbol changes nothing. */
  take(record: JournalRecord): void {
    const { hearFrom, until } = this.era;
    if (!isHeard(record, this.symbol) || record.seq < hearFrom || record.seq > until) return;
    if (record.kind === "bar") this.lastBar = record;
    takeRecord(this.plane, record);
    if (this.changed) takeRecord(this.changed, record);
  }

  /** Explains the record that was taken last. */
  explain({ seq, hash, kind, at, content }: JournalRecord): Explanation {
    const { plane, lane, changed } = this;
    const { instrument } = lane.traded;
    const { decision: recorded, undone } = JSON.parse(content) as {
      readonly decision?: Decision;
      readonly undone?: { readonly actor: string; readonly error: string };
    };
    if (!recorded) {
      const reason = undone ? `it was undone by "${undone.actor}": ${undone.error}` : "it has none";
      throw new RangeError(`Cannot explain decision of record ${seq}: ${reason}`);
    }
    const config = this.history.at(seq);
    const moment: Moment = { at, recorded, ...this.barOf(instrument.symbol) };
    const again = judge(plane, config, lane, moment);
    const other = changed && this.change ? judge(changed, this.change(config), lane, moment) : null;
    return {
      record: { seq, hash, kind },
      ...{ symbol: instrument.symbol, lane: lane.lane, at, tick: instrument.tick },
      price: priceOfTicks(instrument, plane.price),
      ...{ book: moment.book, standing: plane.standing, recorded, again },
      isSame: again.decision !== null && canonicalJson(again.decision) === canonicalJson(recorded),
      changed: other && { judgement: other, differences: differencesOf(again, other) },
    };
  }

  private barOf(symbol: string): { readonly candle: Candle; readonly book: BookReading | null } {
    if (!this.lastBar) {
      throw new RangeError(`Cannot explain decision of "${symbol}": no bar came before it`);
    }
    const { input } = JSON.parse(this.lastBar.content) as { readonly input: BarInput };
    const { book = null, standing: _, ...candle } = input;
    return { candle: { symbol, ...candle }, book };
  }
}

/** What was changed of the confluence holds for the books too, which have their own. */
function inBooks(changed: DeskConfig, before: DeskConfig): DeskConfig {
  const [now, then] = [changed.strategy.confluence, before.strategy.confluence];
  const own = {
    ...(now.minStrategies !== then.minStrategies && { minStrategies: now.minStrategies }),
    ...(now.minConfidence !== then.minConfidence && { minConfidence: now.minConfidence }),
  };
  const books = changed.books.map((book) => ({
    ...book,
    confluence: { ...book.confluence, ...own },
  }));
  return { ...changed, books };
}
