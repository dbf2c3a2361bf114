import { type Signal, signal } from "@preact/signals";
import { call } from "../api.ts";
import { onEntries, onGap } from "../live.ts";
import { indexPauseMs } from "./indexed.tsx";
import type { Step } from "./words.ts";

const pageSize = 100;
/** How long one step is shown while others wait, milliseconds. */
const showMs = 450;
const leastShowMs = 60;

/** The transitions of one actor: pages of the journal, and what comes live. */
export class StepBook {
  readonly steps: Signal<readonly Step[]> = signal([]);
  /** Whether there are earlier ones than those that were read, and later ones. */
  readonly hasEarlier = signal(false);
  readonly hasLater = signal(false);
  readonly error = signal<string | null>(null);
  /** Whether it was not there when it was opened, and its first steps have not been read yet. */
  readonly isAwaited = signal(false);
  /** The step that is shown while it follows: every one that came is shown for a moment. */
  readonly shown = signal<Step | null>(null);
  readonly #waiting: Step[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isReading = false;
  #wantsMore = false;
  /** The last record that is known to have changed it, and how far it was asked for. */
  #wanted = 0;
  #asked = 0;
  #isOver = false;
  #opening: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly ledger: string | undefined,
  ) {}

  async #page(query: { before?: number; after?: number; limit?: number }) {
    try {
      const { name, ledger } = this;
      const given = { params: { name }, query: { limit: pageSize, ...query, ledger } };
      const answer = await call("GET /api/v1/actors/:name/steps", given);
      this.error.value = null;
      return answer;
    } catch (error) {
      this.error.value = error instanceof Error ? error.message : String(error);
      return { steps: [], more: false, indexed: null };
    }
  }

  /** Reads the last page, or the pages around a record; `known` changed it, as far as is known. */
  open(seq: number | undefined, known = 0): Promise<void> {
    this.#wanted = Math.max(this.#wanted, known);
    this.#opening = this.#opening.then(() => this.#open(seq));
    return this.#opening;
  }

  async #open(seq: number | undefined): Promise<void> {
    const [first, last] = [this.steps.value[0], this.steps.value.at(-1)];
    const reachesBack = !this.hasEarlier.value || (first && first.seq <= (seq ?? Infinity));
    const reachesOn = !this.hasLater.value || (last && seq !== undefined && last.seq >= seq);
    if (first && reachesBack && reachesOn) return;
    // It was not there: its first steps are shown one by one, as they would have been.
    if (!first && this.isAwaited.value && seq === undefined) return this.readLater();
    const before = await this.#page(seq === undefined ? {} : { before: seq + 1 });
    const after = seq === undefined ? null : await this.#page({ after: seq });
    if (this.#isOver) return;
    this.steps.value = [...before.steps, ...(after?.steps ?? [])];
    this.isAwaited.value = this.steps.value.length === 0 && this.ledger === undefined;
    this.hasEarlier.value = before.more;
    this.hasLater.value = after?.more ?? false;
    this.shown.value = this.steps.value.at(-1) ?? null;
  }

  async readEarlier(): Promise<void> {
    const [first] = this.steps.value;
    if (!first || !this.hasEarlier.value) return;
    const { steps, more } = await this.#page({ before: first.seq });
    this.steps.value = [...steps, ...this.steps.value];
    this.hasEarlier.value = more;
  }

  async readLater(): Promise<void> {
    const after = this.steps.value.at(-1)?.seq ?? 0;
    const { steps, more, indexed } = await this.#page({ after });
    this.#asked = indexed?.seq ?? 0;
    if (steps.length > 0 || (this.#wanted > 0 && this.#asked >= this.#wanted)) {
      this.isAwaited.value = false;
    }
    const known = this.steps.value.at(-1)?.seq ?? -1;
    const fresh = steps.filter(({ seq }) => seq > known);
    this.steps.value = [...this.steps.value, ...fresh];
    this.hasLater.value = more;
    this.#waiting.push(...fresh);
    if (this.#timer === null) this.#show();
  }

  /** The step before or after one, read if it must be; null at an end. */
  async beside(step: Step | null, by: -1 | 1): Promise<Step | null> {
    const at = () => this.steps.value.findIndex((each) => step !== null && isSame(each, step));
    const find = () => (step === null ? null : (this.steps.value[at() + by] ?? null));
    if (find() === null) await (by < 0 ? this.readEarlier() : this.readLater());
    return find();
  }

  /** Follows what is committed; returns what ends it. */
  follow(): () => void {
    const stops = [
      onGap(() => void this.#read()),
      onEntries((entries) => {
        const last = entries.findLast(({ actors }) => actors.includes(this.name));
        this.#wanted = last?.seq ?? this.#wanted;
        if (last) void this.#read();
      }),
    ];
    return () => {
      this.#isOver = true;
      if (this.#timer !== null) clearTimeout(this.#timer);
      for (const stop of stops) stop();
    };
  }

  async #read(): Promise<void> {
    this.#wantsMore = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#wantsMore && !this.#isOver) {
      this.#wantsMore = false;
      await this.#opening;
      if (this.hasLater.value) break;
      await this.readLater();
      // Committed, and not indexed yet.
      if (this.#asked < this.#wanted) {
        await new Promise((resolve) => setTimeout(resolve, indexPauseMs));
        this.#wantsMore = true;
      }
    }
    this.#isReading = false;
  }

  #show(): void {
    this.#timer = null;
    const next = this.#waiting.shift();
    if (!next || this.#isOver) return;
    this.shown.value = next;
    const ms = Math.max(leastShowMs, showMs / (1 + this.#waiting.length / 4));
    this.#timer = setTimeout(() => this.#show(), ms);
  }
}

export function isSame(one: Step, other: Step): boolean {
  return one.seq === other.seq && one.index === other.index;
}
