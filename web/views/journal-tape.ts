import { LRUCache } from "lru-cache";
import type { DecisionCode } from "../../machines/domain/decision.ts";
import type { JournalRow, PanelLedger, PanelOptions } from "../server/ports.ts";

/** An evaluation of a lane as the journal has it: of a closed bar, or of a move inside one. */
export interface Evaluated {
  readonly seq: number;
  /** The desk's time, Unix milliseconds. */
  readonly at: number;
  /** Null for one that was undone. */
  readonly code: DecisionCode | null;
  readonly gate: { readonly name: string; readonly value: string; readonly limit: string } | null;
  /** Null for a move. Prices in whole ticks. */
  readonly bar: Bar | null;
}

export interface Bar {
  readonly openedAt: number;
  readonly timeframeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** An evaluation that brought a bar. */
export type BarEvaluated = Evaluated & { readonly bar: Bar };

/** What changed of a position's levels, by its actor's own transitions. */
export interface LevelChange {
  readonly seq: number;
  readonly at: number;
  readonly positionId: string;
  /** Whether the position was made there. */
  readonly isFirst: boolean;
  readonly stop: string | null;
  /** Undefined where it did not change; null for none. */
  readonly target: string | null | undefined;
}

const tapes = new WeakMap<object, JournalTape>();

/** The one tape of a panel: what one page had read, another does not read again. */
export function tapeOf({ ledger, lanes }: Pick<PanelOptions, "ledger" | "lanes">): JournalTape {
  const known = tapes.get(ledger);
  if (known) return known;
  const tape = new JournalTape(ledger, lanes.pause);
  tapes.set(ledger, tape);
  return tape;
}

interface Stretch {
  readonly evaluated: Map<string, Evaluated[]>;
  readonly levels: LevelChange[];
  size: number;
}

/** Records of one stretch: as many as are read at one go. */
const stretchLength = 128;
/** Stretches at hand that are walked at one go. */
const restEvery = 32;
/** Evaluations and level changes that are kept at hand. */
const keptMost = 150_000;

/**
 * Evaluations and levels out of the journal, which has no index by lane: stretches of it are read
 * once and kept. The journal only grows, so what was read stays true. Between two stretches that
 * have to be read, everything else gets its turn.
 */
export class JournalTape {
  private readonly stretches = new LRUCache<number, Stretch>({
    maxSize: keptMost,
    sizeCalculation: ({ size }) => size + 1,
  });
  /** The last stretch, which grows. */
  private tail: { readonly index: number; read: number; readonly stretch: Stretch } | null = null;

  constructor(
    private readonly ledger: Pick<PanelLedger, "journal" | "head">,
    private readonly pause: () => Promise<void>,
  ) {}

  /** The first record that is not archived. */
  get oldest(): number {
    for (const { seq } of this.ledger.journal.range()) return seq;
    return 1;
  }

  get head(): number {
    return this.ledger.head().seq;
  }

  /** A lane's latest evaluation; null where the last `most` stretches have none. */
  async latest(lane: string, most = 64): Promise<Evaluated | null> {
    const last = indexOf(this.head);
    for (let index = last; index >= 0 && index > last - most; index -= 1) {
      const found = (await this.stretch(index)).evaluated.get(lane)?.at(-1);
      if (found) return found;
    }
    return null;
  }

  /**
   * A lane's bars from the last that opened before `until` backwards, newest first, in their
   * stretches, with the levels of all lanes' positions.
   */
  async *backwards(
    lane: string,
    until: number,
  ): AsyncGenerator<{ readonly bars: readonly BarEvaluated[] } & Pick<Stretch, "levels">, void> {
    const oldest = indexOf(this.oldest);
    const begin = Number.isFinite(until) ? await this.lastIndex(lane, until) : indexOf(this.head);
    for (let index = begin; index >= oldest; index -= 1) {
      const { evaluated, levels } = await this.stretch(index);
      if (index % restEvery === 0) await this.pause();
      yield { bars: (evaluated.get(lane) ?? []).filter(isBar), levels };
    }
  }

  /** A lane's last bar that had closed at a time; null where none is at hand. */
  async lastClosed(lane: string, time: number): Promise<BarEvaluated | null> {
    for await (const { bars } of this.backwards(lane, time)) {
      const found = bars.findLast(({ bar }) => bar.openedAt + bar.timeframeMs <= time);
      if (found) return found;
    }
    return null;
  }

  /** A lane's first bar that is at hand. */
  first(lane: string): Promise<BarEvaluated | null> {
    return this.firstBar(lane, indexOf(this.oldest), indexOf(this.head));
  }

  /** The last stretch with a bar of the lane that opened before a time; the first where none did. */
  private async lastIndex(lane: string, until: number): Promise<number> {
    let low = indexOf(this.oldest);
    let high = indexOf(this.head);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const probed = await this.firstBar(lane, middle, high);
      if (probed !== null && probed.bar.openedAt < until) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private async firstBar(lane: string, from: number, to: number): Promise<BarEvaluated | null> {
    for (let index = from; index <= to; index += 1) {
      const found = (await this.stretch(index)).evaluated.get(lane)?.find(isBar);
      if (found) return found;
    }
    return null;
  }

  private async stretch(index: number): Promise<Stretch> {
    const known = this.stretches.get(index);
    if (known) return known;
    const { head } = this;
    const isWhole = head >= lastOf(index);
    if (this.tail?.index === index) {
      const { tail } = this;
      this.read(tail.stretch, tail.read + 1, Math.min(head, lastOf(index)));
      tail.read = head;
      if (isWhole) this.keep(index, tail.stretch);
      return tail.stretch;
    }
    const fresh: Stretch = { evaluated: new Map(), levels: [], size: 0 };
    this.read(fresh, firstOf(index), Math.min(head, lastOf(index)));
    if (isWhole) this.keep(index, fresh);
    else this.tail = { index, read: head, stretch: fresh };
    await this.pause();
    return fresh;
  }

  private keep(index: number, stretch: Stretch): void {
    this.stretches.set(index, stretch);
    if (this.tail?.index === index) this.tail = null;
  }

  private read(into: Stretch, first: number, last: number): void {
    if (first > last) return;
    for (const row of this.ledger.journal.range(first, last)) take(into, row);
  }
}

const indexOf = (seq: number): number => Math.floor(Math.max(0, seq - 1) / stretchLength);
const firstOf = (index: number): number => index * stretchLength + 1;
const lastOf = (index: number): number => (index + 1) * stretchLength;
const isBar = (each: Evaluated): each is BarEvaluated => each.bar !== null;

/** As far as it is looked into. */
interface Content {
  readonly input: Bar;
  readonly decision?: { readonly gate: Evaluated["gate"] };
  readonly undone?: unknown;
  readonly transitions?: readonly {
    readonly actor: string;
    readonly from: unknown;
    readonly changed: { readonly stopPrice?: string; readonly targetPrice?: string | null };
  }[];
}

function take(into: Stretch, { seq, at, kind, subject, code, content }: JournalRow): void {
  const isEvaluation = kind === "bar" || kind === "move";
  if (!isEvaluation && !content.includes('"actor":"position:')) return;
  const { input, decision, undone, transitions = [] } = JSON.parse(content) as Content;
  if (isEvaluation) {
    const own = into.evaluated.get(subject) ?? [];
    if (own.length === 0) into.evaluated.set(subject, own);
    const bar = kind === "bar" ? barOf(input) : null;
    own.push({ seq, at, code: code as DecisionCode | null, gate: decision?.gate ?? null, bar });
    into.size += 1;
  }
  if (undone !== undefined) return;
  for (const { actor, from, changed } of transitions) {
    const { stopPrice: stop = null, targetPrice: target } = changed;
    if (!actor.startsWith("position:") || (stop === null && target === undefined)) continue;
    const positionId = actor.slice("position:".length);
    into.levels.push({ seq, at, positionId, isFirst: from === null, stop, target });
    into.size += 1;
  }
}

function barOf({ openedAt, timeframeMs, open, high, low, close, volume }: Bar): Bar {
  return { openedAt, timeframeMs, open, high, low, close, volume };
}
