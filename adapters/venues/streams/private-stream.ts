import type { VenueReport } from "../../../machines/domain/fill.ts";
import {
  Connection,
  type ConnectionCounters,
  type ConnectionLimits,
  type ConnectionStatus,
  type Link,
} from "./connection.ts";
import { type StreamTimers, systemTimers } from "./timers.ts";

/** What the owner of a private stream has to act on. Times are Unix milliseconds. */
export type PrivateStreamEvent =
  /** Subscriptions stand. What happened before is not told: reconcile by REST, each time. */
  | { readonly type: "live"; readonly at: number }
  /** Nothing was heard for too long; nothing is known to be lost yet. */
  | { readonly type: "stale"; readonly at: number; readonly cause: string }
  /** No socket; another one is tried by itself. */
  | { readonly type: "down"; readonly at: number; readonly cause: string }
  /** Something was missed or could not be read: reconcile by REST. */
  | { readonly type: "gap"; readonly at: number; readonly cause: string }
  /** The order filled further, and only REST tells the trades. */
  | {
      readonly type: "fillsWanted";
      readonly at: number;
      readonly venueOrderId: string;
      readonly symbol: string;
    }
  /** These coins' balances moved. Which way is for REST to say: a hint, never a figure. */
  | { readonly type: "balancesMoved"; readonly at: number; readonly coins: readonly string[] };

/**
 * One account's private stream. Reports come in the venue's order, at least once, into an outbox
 * that is bounded: what does not fit is counted and becomes a `gap`. Events are told at once, from
 * within the socket's own callback; a listener must not wait.
 */
export interface PrivateStream {
  start(): void;
  /** Ends for good; no timer and no socket is left. Reports not yet taken can still be. */
  close(): void;
  /** The oldest report not yet taken, or null. */
  takeReport(): VenueReport | null;
  /** Returns what ends the listening. */
  onEvent(listener: (event: PrivateStreamEvent) => void): () => void;
  readonly status: ConnectionStatus;
}

export interface PrivateStreamOptions {
  /** `wss://ws-auth.kraken.com/v2`, `wss://advanced-trade-ws-user.coinbase.com`, or a stand-in. */
  readonly url: string;
  /** A number in [0, 1) for the jitter of the backoff. */
  readonly draw: () => number;
  readonly timers?: StreamTimers;
  readonly limits?: Partial<ConnectionLimits>;
  /** Reports kept until they are taken. */
  readonly outboxMax?: number;
}

/** What a venue's protocol tells. */
export interface PrivateSink {
  readonly counters: ConnectionCounters;
  report(report: VenueReport): void;
  /** Something was missed. Does not drop the socket; the protocol does, where that helps. */
  gap(cause: string): void;
  /** Part of a message could not be read: counted, and as good as missed. */
  malformed(reason: string): void;
  fillsWanted(venueOrderId: string, symbol: string): void;
  balancesMoved(coins: readonly string[]): void;
}

/** A venue's private protocol on one connection after another. */
export interface PrivateProtocol {
  readonly ping: (() => string) | null;
  opened(link: Link): void;
  received(text: string, link: Link): void;
}

/** First in, first out, bounded. Taking is no dearer for a long queue. */
class Outbox {
  readonly #reports = new Map<number, VenueReport>();
  #first = 0;
  #next = 0;

  constructor(private readonly max: number) {}

  get isEmpty(): boolean {
    return this.#first === this.#next;
  }

  /** False if there is no room. */
  put(report: VenueReport): boolean {
    if (this.#next - this.#first >= this.max) return false;
    this.#reports.set(this.#next, report);
    this.#next += 1;
    return true;
  }

  take(): VenueReport | null {
    const report = this.#reports.get(this.#first);
    if (report === undefined) return null;
    this.#reports.delete(this.#first);
    this.#first += 1;
    return report;
  }
}

/** Joins a protocol, a connection and an outbox into a private stream. */
export class ProtocolStream implements PrivateStream {
  readonly #connection: Connection;
  readonly #timers: StreamTimers;
  readonly #outbox: Outbox;
  readonly #listeners = new Set<(event: PrivateStreamEvent) => void>();
  /** One gap is told for a run of reports that did not fit. */
  #isOverflowing = false;

  constructor(options: PrivateStreamOptions, protocolOf: (sink: PrivateSink) => PrivateProtocol) {
    const { url, draw, limits = {}, timers = systemTimers, outboxMax = 10_000 } = options;
    this.#timers = timers;
    this.#outbox = new Outbox(outboxMax);
    const protocol = protocolOf(this.#sink());
    this.#connection = new Connection(
      { url, timers, draw, limits },
      {
        ping: protocol.ping,
        opened: (link) => protocol.opened(link),
        received: (text, link) => protocol.received(text, link),
        changed: (status) => this.#changed(status),
      },
    );
  }

  get status(): ConnectionStatus {
    return this.#connection.status;
  }

  start(): void {
    this.#connection.start();
  }

  close(): void {
    this.#connection.close();
  }

  takeReport(): VenueReport | null {
    const report = this.#outbox.take();
    if (this.#outbox.isEmpty) this.#isOverflowing = false;
    return report;
  }

  onEvent(listener: (event: PrivateStreamEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #sink(): PrivateSink {
    const stream = this;
    return {
      get counters() {
        return stream.#connection.counters;
      },
      report: (report) => stream.#report(report),
      gap: (cause) => stream.#gap(cause),
      malformed: (reason) => {
        stream.#connection.counters.malformed += 1;
        stream.#gap(`Cannot read message: ${reason}`);
      },
      fillsWanted: (venueOrderId, symbol) =>
        stream.#tell({ type: "fillsWanted", at: stream.#timers.now(), venueOrderId, symbol }),
      balancesMoved: (coins) =>
        stream.#tell({ type: "balancesMoved", at: stream.#timers.now(), coins }),
    };
  }

  #report(report: VenueReport): void {
    if (this.#outbox.put(report)) return;
    this.#connection.counters.dropped += 1;
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.#gap("reports came faster than they were taken");
  }

  #gap(cause: string): void {
    this.#connection.counters.gaps += 1;
    this.#tell({ type: "gap", at: this.#timers.now(), cause });
  }

  #changed({ state, since, cause }: ConnectionStatus): void {
    if (state === "connecting") return;
    if (state === "live") this.#tell({ type: "live", at: since });
    else this.#tell({ type: state, at: since, cause: cause ?? "unknown" });
  }

  #tell(event: PrivateStreamEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
