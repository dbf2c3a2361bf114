import type { FaultScheduler } from "../faults/scheduler.ts";
import type { StreamClient } from "../wire.ts";

/** What a message says beside what is asked of every one of its channel. */
export interface ChannelMessage {
  readonly type: "snapshot" | "update";
  readonly data: unknown;
  /** Built again with a wrong checksum, where a fault wants that. */
  readonly withWrongChecksum?: () => unknown;
}

/** Channels whose messages are numbered. */
const numbered: ReadonlySet<string> = new Set(["executions", "balances"]);

/** One connection's way out: numbers messages, and lets faults befall them. */
export class StreamSender {
  readonly #client: StreamClient;
  readonly #faults: FaultScheduler;
  readonly #sequences = new Map<string, number>();
  /** Sent after the next message, or within a second or two. */
  #held: string | null = null;
  #waiting: string[] | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isIdle = true;

  constructor(client: StreamClient, faults: FaultScheduler) {
    this.#client = client;
    this.#faults = faults;
  }

  /** Answers, which no fault of the stream befalls. */
  answer(message: unknown): void {
    this.#put(JSON.stringify(message));
  }

  /** A message of a channel. */
  send(channel: string, { type, data, withWrongChecksum }: ChannelMessage): void {
    const strike = this.#faults.next("stream", channel);
    const gap = strike?.name === "sequenceGap" ? 2 : 1;
    const sequence = (this.#sequences.get(channel) ?? 0) + gap;
    this.#sequences.set(channel, sequence);
    const said = strike?.name === "wrongChecksum" ? (withWrongChecksum?.() ?? data) : data;
    const text = JSON.stringify({
      channel,
      type,
      data: said,
      ...(numbered.has(channel) ? { sequence } : {}),
    });
    switch (strike?.name) {
      case "loseMessage":
        return;
      case "disconnect":
        this.#client.reset();
        return;
      case "silence":
        this.#client.silence();
        return;
      case "duplicateMessage":
        this.#put(text);
        this.#put(text);
        return;
      case "reorderMessages":
        this.flushHeld();
        this.#held = text;
        return;
      case "delayMessage":
        this.#delay(strike.delayMs ?? 500);
        this.#put(text);
        return;
      default:
        this.#put(text);
        this.flushHeld();
    }
  }

  /** Begins a channel's numbers anew. */
  restart(channel: string): void {
    this.#sequences.delete(channel);
  }

  /** Whether nothing was sent since it was last asked. */
  takeIdle(): boolean {
    const wasIdle = this.#isIdle;
    this.#isIdle = true;
    return wasIdle;
  }

  flushHeld(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#put(held);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Holds everything back for so long, in its order. */
  #delay(delayMs: number): void {
    if (this.#waiting !== null) return;
    this.#waiting = [];
    this.#timer = setTimeout(() => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      for (const text of waiting) this.#put(text);
    }, delayMs);
  }

  #put(text: string): void {
    this.#isIdle = false;
    if (this.#waiting !== null) this.#waiting.push(text);
    else this.#client.send(text);
  }
}
