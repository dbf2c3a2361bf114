import type { FaultScheduler } from "../faults/scheduler.ts";
import { StreamOutlet } from "../outlet.ts";
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
  readonly #faults: FaultScheduler;
  readonly #outlet: StreamOutlet;
  readonly #sequences = new Map<string, number>();

  constructor(client: StreamClient, faults: FaultScheduler) {
    this.#faults = faults;
    this.#outlet = new StreamOutlet(client);
  }

  /** Answers, which no fault of the stream befalls. */
  answer(message: unknown): void {
    this.#outlet.put(JSON.stringify(message));
  }

  /** A message of a channel. */
  send(channel: string, { type, data, withWrongChecksum }: ChannelMessage): void {
    const strike = this.#faults.next("stream", channel);
    const gap = strike?.name === "sequenceGap" ? 2 : 1;
    const sequence = (this.#sequences.get(channel) ?? 0) + gap;
    this.#sequences.set(channel, sequence);
    const said = strike?.name === "wrongChecksum" ? (withWrongChecksum?.() ?? data) : data;
    const message = {
      channel,
      type,
      data: said,
      ...(numbered.has(channel) ? { sequence } : {}),
    };
    this.#outlet.send(JSON.stringify(message), strike);
  }

  /** Begins a channel's numbers anew. */
  restart(channel: string): void {
    this.#sequences.delete(channel);
  }

  /** Whether nothing was sent since it was last asked. */
  takeIdle(): boolean {
    return this.#outlet.takeIdle();
  }

  flushHeld(): void {
    this.#outlet.flushHeld();
  }

  close(): void {
    this.#outlet.close();
  }
}
