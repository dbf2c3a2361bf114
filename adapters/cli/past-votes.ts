import { LRUCache } from "lru-cache";
import {
  ConfigurationHistory,
  configurationRecordKind,
  type Explanation,
  isEvaluation,
  Rerun,
  type RerunState,
} from "../../actors/desk/mod.ts";
import type { SavedState } from "../../actors/market/mod.ts";
import type { LaneName } from "../../machines/domain/ids.ts";
import type { LedgerReader } from "../store/reader.ts";
import { firstConfiguration } from "./why-ledger.ts";

/** Records that are read at one go: more would keep the desk waiting. */
const stretch = 128;
/** Records that are read again for one moment, at most. */
const recordsMost = 200_000;
/** Records between two states that are kept to go on from. */
const stateEvery = 4_096;
/** Moments that wait for their turn, at most. */
const waitingMost = 8;

interface KeptState extends RerunState {
  /** Records with a higher sequence are not in it. */
  readonly seq: number;
}

/** What a moment's votes were; or why they cannot be told. */
export type ToldVotes = Explanation | { readonly unknown: string };

/**
 * Judges past evaluations again while the desk goes on: a stretch of the journal at a time, from the
 * nearest state of the lane's plane that is at hand.
 */
export class PastVotes {
  private readonly told = new LRUCache<string, Explanation>({ max: 1_000 });
  /** States by lane, era and place. */
  private readonly states = new LRUCache<string, KeptState>({ max: 300 });
  private history: { readonly by: unknown; readonly history: ConfigurationHistory } | null = null;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly reader: LedgerReader,
    private readonly pause: () => Promise<void>,
  ) {}

  /** The votes at an evaluation of a lane; one moment after the other. */
  async at(lane: LaneName, seq: number): Promise<ToldVotes> {
    const key = `${seq} ${lane}`;
    const known = this.told.get(key);
    if (known) return known;
    if (this.waiting >= waitingMost) return { unknown: "too many moments are asked for at once" };
    this.waiting += 1;
    const turn = this.last.then(() => this.told.get(key) ?? this.judge(lane, seq));
    this.last = turn.catch(() => {});
    try {
      const explained = await turn;
      if (!("unknown" in explained)) this.told.set(key, explained);
      return explained;
    } finally {
      this.waiting -= 1;
    }
  }

  private async judge(lane: LaneName, seq: number): Promise<ToldVotes> {
    const record = this.reader.journal.record(seq);
    if (!record || !isEvaluation(record, lane)) {
      return { unknown: `record ${seq} is no decision on "${lane}"` };
    }
    const history = this.configurations();
    const era = history.planesAt(seq);
    const rerun = new Rerun(era, history, lane);
    const name = `${lane} ${era.since} ${rerun.key}`;
    const from = this.nearest(name, lane, rerun, seq) ?? this.beginning(era.hearFrom);
    if (from === null) {
      return { unknown: "the records before it are archived: `novactor why` reads those too" };
    }
    const { seq: heard, state } = from;
    if (seq - heard > recordsMost) {
      return { unknown: `${seq - heard} records would have to be read: use \`novactor why\`` };
    }
    if (state) rerun.restore(state);
    for (let next = heard + 1; next <= seq; next += stretch) {
      const until = Math.min(next + stretch - 1, seq);
      for (const each of this.reader.journal.range(next, until)) rerun.take(each);
      if (Math.floor(until / stateEvery) > Math.floor((next - 1) / stateEvery)) {
        this.keep(name, rerun, until);
      }
      await this.pause();
    }
    this.keep(name, rerun, seq);
    try {
      return rerun.explain(record);
    } catch (error) {
      if (error instanceof RangeError) return { unknown: error.message };
      throw error;
    }
  }

  private keep(name: string, rerun: Rerun, seq: number): void {
    this.states.set(`${name} ${seq}`, { ...rerun.save(), seq });
  }

  /** The latest state from before a record: of an earlier moment, or the desk's own checkpoint. */
  private nearest(name: string, lane: LaneName, rerun: Rerun, seq: number) {
    let best: KeptState | null = null;
    for (const [key, state] of this.states.entries()) {
      if (state.seq >= seq || !key.startsWith(`${name} `)) continue;
      if (best === null || state.seq > best.seq) best = state;
    }
    const stored = this.reader.state("market").get(lane) as
      | { readonly saved: SavedState; readonly seq: number }
      | undefined;
    const isOlder = stored !== undefined && stored.seq < seq && stored.saved.key === rerun.key;
    if (isOlder && stored.seq > (best?.seq ?? -1)) {
      best = { plane: stored.saved, lastBar: null, seq: stored.seq };
    }
    return best && { seq: best.seq, state: best };
  }

  /** Where a plane began to hear; null where that is archived. */
  private beginning(hearFrom: number) {
    for (const { seq } of this.reader.journal.range()) {
      return seq <= Math.max(1, hearFrom) ? { seq: hearFrom - 1, state: null } : null;
    }
    return null;
  }

  private configurations(): ConfigurationHistory {
    // Each reload stores another text: the same text is the same history.
    const by = this.reader.state("desk").get("config") ?? null;
    if (this.history?.by === by) return this.history.history;
    const reloads = by === null ? [] : this.reader.journal.after([configurationRecordKind], 0);
    const history = new ConfigurationHistory(firstConfiguration(this.reader), reloads);
    this.history = { by, history };
    return history;
  }
}
