import type { Strike } from "./faults/registry.ts";
import type { StreamClient } from "./wire.ts";

/** One connection's way out, on which faults befall the messages of channels. */
export class StreamOutlet {
  readonly #client: StreamClient;
  /** Sent after the next message, or within a second or two. */
  #held: string | null = null;
  #waiting: string[] | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isIdle = true;

  constructor(client: StreamClient) {
    this.#client = client;
  }

  /** Sends what no fault befalls. */
  put(text: string): void {
    this.#isIdle = false;
    if (this.#waiting !== null) this.#waiting.push(text);
    else this.#client.send(text);
  }

  /** Sends a message of a channel as a fault has it, if one strikes. */
  send(text: string, strike: Strike | null): void {
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
        this.put(text);
        this.put(text);
        return;
      case "reorderMessages":
        this.flushHeld();
        this.#held = text;
        return;
      case "delayMessage":
        this.#delay(strike.delayMs ?? 500);
        this.put(text);
        return;
      default:
        this.put(text);
        this.flushHeld();
    }
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
    if (held !== null) this.put(held);
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
      for (const text of waiting) this.put(text);
    }, delayMs);
  }
}
