import kraken from "ccxt/js/src/pro/kraken.js";
import type { LatencyVenue } from "./latency-venue.ts";
import {
  type Arrived,
  highTicks,
  lowTicks,
  priceText,
  venueKeys,
  venueSymbol,
} from "./latency-wire.ts";

/** The order that is sent at each message, as the desk sent it. */
export interface PlainOrder {
  readonly quantity: string;
  readonly price: string;
}

/**
 * ccxt alone: its stream hears the same message, and what comes out of it at once is the same
 * order, signed and sent by it. Nothing is decided and nothing is written down.
 */
export class LatencyCcxt implements AsyncDisposable {
  private readonly exchange: kraken;
  private sent = 0;
  private isHigh = false;

  private constructor(
    private readonly venue: LatencyVenue,
    private readonly order: PlainOrder,
  ) {
    const rest = { public: venue.restUrl, private: venue.restUrl };
    const ws = { public: venue.marketUrl, publicV2: venue.marketUrl };
    this.exchange = new kraken({
      ...venueKeys,
      enableRateLimit: false,
      newUpdates: true,
      urls: { api: { ...rest, ws } },
      // ccxt takes a stream without TLS for one behind a proxy, unless an agent is given.
      httpAgent: null,
    });
  }

  static async start(venue: LatencyVenue, order: PlainOrder): Promise<LatencyCcxt> {
    const alone = new LatencyCcxt(venue, order);
    await alone.exchange.loadMarkets();
    return alone;
  }

  /** Sends one trade, and takes the time until the order is whole on the venue's socket. */
  async next(): Promise<Arrived> {
    this.isHigh = !this.isHigh;
    this.sent += 1;
    const heard = this.exchange
      .watchTrades(venueSymbol)
      .then(() =>
        this.exchange.createOrder(
          ...([venueSymbol, "limit", "buy"] as const),
          ...([Number(this.order.quantity), Number(this.order.price)] as const),
          { clientOrderId: `nv${String(this.sent).padStart(16, "0")}` },
        ),
      );
    await this.subscribed();
    const arrived = await this.venue.trade(priceText(this.isHigh ? highTicks : lowTicks));
    await heard;
    return arrived;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exchange.close();
  }

  /** The first call opens the stream: nothing is sent before somebody listens. */
  private async subscribed(): Promise<void> {
    if (this.sent > 1) return;
    await this.venue.listened();
  }
}
