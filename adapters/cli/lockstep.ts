import type { CandleSource } from "../../actors/market/ports.ts";
import type { Reply, Venue } from "../../actors/order/ports.ts";
import type { Clock } from "../../actors/runtime/ports.ts";
import type { AmendRequest, CancelRequest, OrderRequest } from "../../machines/domain/order.ts";
import type { WiredVenue } from "./compose.ts";
import type { StreamedVenue } from "./wired-venue.ts";

/** How long a stream may take to bring what was sent on it, real milliseconds. */
const hearingMs = 60_000;

export interface LockstepOptions {
  /** The venue's control channel. */
  readonly controlUrl: string;
  /** The run's: the venue's time follows it. */
  readonly clock: Clock;
  readonly wire: StreamedVenue;
  /** Of the venue, where the account's stream is. */
  readonly streamPath: string;
  /**
   * How long after an order was taken it meets the market, milliseconds; null where it meets the
   * next point of a candle's path, as in the process.
   */
  readonly latencyMs: number | null;
}

/**
 * Holds a venue in another process's reach to the run's own time: before each request its clock is
 * moved through its control channel to where the run's stands, and after each one it is waited for
 * until all that its stream sent was heard. So a run through sockets knows at each moment what one
 * in the process would, and not a moment later.
 */
export class Lockstep {
  #venueAt = Number.NEGATIVE_INFINITY;
  /** When orders on their way meet the market. */
  #meetings: number[] = [];

  constructor(private readonly options: LockstepOptions) {}

  /**
   * The venue's time is the run's from here on, and its stream was heard.
   *
   * @param reach how much of the present moment has happened, where the venue keeps to the path
   * @throws {Error} where the venue or its stream does not follow
   */
  async catchUp(reach: "open" | "close" | "before" = "before"): Promise<void> {
    const { clock, latencyMs } = this.options;
    const now = clock.now();
    if (now > this.#venueAt || reach !== "before") {
      await this.#control("/time", { to: now, reach: latencyMs === null ? reach : "present" });
      this.#venueAt = now;
      this.#meetings = this.#meetings.filter((at) => at > now);
    }
    await this.#hearAll();
  }

  /** The account as a run that keeps step sees it. */
  wired(): WiredVenue {
    const { wire } = this.options;
    return {
      venue: this.#venue(wire.venue),
      draws: wire.draws,
      listen: (tell) => wire.listen(tell),
      close: () => wire.close(),
      lockstep: {
        due: () => this.#meetings[0] ?? null,
        advance: () => this.catchUp(),
      },
    };
  }

  #venue(inner: Venue): Venue {
    const inStep = async <T>(request: () => Promise<Reply<T>>): Promise<Reply<T>> => {
      await this.catchUp();
      const reply = await request();
      await this.#hearAll();
      return reply;
    };
    const changing = async <T>(request: () => Promise<Reply<T>>): Promise<Reply<T>> => {
      const { clock, latencyMs } = this.options;
      const reply = await inStep(request);
      if (latencyMs !== null && latencyMs > 0) this.#meetings.push(clock.now() + latencyMs);
      return reply;
    };
    return {
      at: inner.at,
      assumptions: inner.assumptions,
      instruments: () => inStep(() => inner.instruments()),
      submit: (request: OrderRequest) => changing(() => inner.submit(request)),
      amend: (request: AmendRequest) => changing(() => inner.amend(request)),
      cancel: (request: CancelRequest) => inStep(() => inner.cancel(request)),
      lookUp: (id, symbol) => inStep(() => inner.lookUp(id, symbol)),
      openOrders: () => inStep(() => inner.openOrders()),
      balances: () => inStep(() => inner.balances()),
      fillsSince: (since) => inStep(() => inner.fillsSince(since)),
      takeReport: () => inner.takeReport(),
    };
  }

  async #hearAll(): Promise<void> {
    const { streamPath, wire } = this.options;
    const sent = (await this.#control("/streams/sent")) as Readonly<Record<string, number>>;
    const wanted = sent[streamPath] ?? 0;
    const until = performance.now() + hearingMs;
    while (wire.heard() < wanted) {
      if (performance.now() > until) {
        throw new Error(
          `Cannot keep step: the stream brought ${wire.heard()} messages, wanted ${wanted}`,
        );
      }
      await Bun.sleep(0);
    }
  }

  async #control(route: string, body?: unknown): Promise<unknown> {
    const post = { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(
      this.options.controlUrl + route,
      body === undefined ? undefined : post,
    );
    const answer = (await response.json()) as { readonly error?: string };
    if (response.ok) return answer;
    throw new Error(`Cannot control venue by "${route}": ${answer.error ?? response.status}`);
  }
}

/** Candles of a source from one on, so many at most. */
export function partOf(source: CandleSource, skip: number, count: number): CandleSource {
  const { length } = source;
  return {
    ...source,
    identity: { ...source.identity, skip, count },
    length: length === null ? null : Math.min(count, Math.max(0, length - skip)),
    cursor(symbol, from) {
      const inner = source.cursor(symbol, from + skip);
      let left = count - from;
      return {
        next() {
          left -= 1;
          return left < 0 ? null : inner.next();
        },
      };
    },
  };
}
