import { rfc3339 } from "../clock.ts";
import { StreamOutlet } from "../outlet.ts";
import type { StreamClient } from "../wire.ts";
import type { CoinbaseVenue } from "./venue.ts";

/** One connection's way out: numbers every message, and lets faults befall those of channels. */
export class StreamSender {
  readonly #venue: CoinbaseVenue;
  readonly #client: StreamClient;
  readonly #outlet: StreamOutlet;
  #next = 0;

  constructor(venue: CoinbaseVenue, client: StreamClient) {
    this.#venue = venue;
    this.#client = client;
    this.#outlet = new StreamOutlet(client);
  }

  /** A message of a channel that the client asked for. */
  send(channel: string, events: readonly unknown[]): void {
    const strike = this.#venue.faults.next("stream", channel);
    if (strike?.name === "sequenceGap") this.#next += 1;
    this.#outlet.send(this.#message(channel, events), strike);
  }

  /** A numbered answer, or a beat, which no fault befalls. */
  answer(channel: string, events: readonly unknown[]): void {
    this.#outlet.put(this.#message(channel, events));
  }

  /** The venue's no, which has no number. */
  refuse(message: string): void {
    this.#client.send(JSON.stringify({ type: "error", message }));
  }

  flushHeld(): void {
    this.#outlet.flushHeld();
  }

  close(): void {
    this.#outlet.close();
  }

  #message(channel: string, events: readonly unknown[]): string {
    const timestamp = rfc3339(this.#venue.exchange.clock.told);
    const sequence_num = this.#next;
    this.#next += 1;
    return JSON.stringify({ channel, client_id: "", timestamp, sequence_num, events });
  }
}
