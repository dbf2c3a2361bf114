/** Beyond this from the first message's skew, either way, a message counts as at the edge. */
const reachMs = 60_000;

/** The share of messages that may seem to come before they were sent: those with a wrong time. */
const outlierShare = 0.001;

/**
 * How far a venue's clock is ahead of the receiver's, from when messages were sent and received.
 * A message takes some time to come, never less than none, so the fastest tell the skew: the lower
 * envelope of the delays, less one message in a thousand, which may carry a wrong time. It comes
 * out too small by the delay of the fastest, a few milliseconds on a good line. Memory is fixed.
 */
export class ClockSkew {
  messages = 0;
  #first = 0;
  readonly #counts = new Uint32Array(2 * reachMs + 1);

  /** Both Unix milliseconds, each by its own clock; fractions count on the receiver's. */
  add(sentAt: number, receivedAt: number): void {
    const ahead = Math.ceil(sentAt - receivedAt);
    if (this.messages === 0) this.#first = ahead;
    this.messages += 1;
    const bin = Math.max(-reachMs, Math.min(reachMs, ahead - this.#first)) + reachMs;
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
  }

  /**
   * Whole milliseconds to add to the receiver's time for the venue's, rounded up; null before the
   * first message.
   */
  get skewMs(): number | null {
    return this.#ahead(1 - outlierShare);
  }

  /** The skew less the usual delay, whole milliseconds; null before the first message. */
  get medianMs(): number | null {
    return this.#ahead(0.5);
  }

  #ahead(share: number): number | null {
    if (this.messages === 0) return null;
    let left = Math.max(1, Math.ceil(this.messages * share));
    let bin = -1;
    while (left > 0) {
      bin += 1;
      left -= this.#counts[bin] as number;
    }
    return this.#first + bin - reachMs;
  }
}
