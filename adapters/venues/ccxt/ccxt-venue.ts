import type { Found, Movement, Reply, Venue } from "../../../actors/order/ports.ts";
import type { Fill, VenueReport } from "../../../machines/domain/fill.ts";
import type { VenueAccount } from "../../../machines/domain/ids.ts";
import type { Instrument } from "../../../machines/domain/instrument.ts";
import type { Balance } from "../../../machines/domain/ledger.ts";
import {
  type AmendRequest,
  type CancelRequest,
  isTerminal,
  type OrderRequest,
  type VenueOrder,
} from "../../../machines/domain/order.ts";
import type { CcxtAssumptions, CcxtVenueId } from "./assumptions.ts";
import { BinanceusProtocol } from "./binanceus-protocol.ts";
import { classify } from "./classification.ts";
import { CoinbaseProtocol } from "./coinbase-protocol.ts";
import { NotSent } from "./faults.ts";
import { KrakenProtocol } from "./kraken-protocol.ts";
import { MarketList } from "./market-list.ts";
import type { CcxtVenueOptions } from "./options.ts";
import type { KeyRights, Market, MarketState, Protocol, VenueStatus } from "./protocol.ts";
import { Wire } from "./wire.ts";

const defaultSettle = { looks: 4, pauseMs: 250 };

/**
 * One account at Kraken, Coinbase Advanced or Binance.US, reached through ccxt. ccxt signs, sends
 * and knows the venue's errors; requests and replies are this adapter's own, so that every digit is
 * the one that was meant, and nothing but a clear yes is read as one. No method throws.
 */
export class CcxtVenue implements Venue {
  readonly at: VenueAccount & { readonly venue: CcxtVenueId };
  readonly assumptions: CcxtAssumptions;
  readonly #options: CcxtVenueOptions;
  readonly #wire: Wire;
  readonly #markets: MarketList;
  readonly #protocol: Protocol;

  /** @throws {KeyError} for keys that cannot work; the text carries no part of a secret. */
  constructor(options: CcxtVenueOptions) {
    this.at = options.at;
    this.#options = options;
    this.#wire = new Wire(options);
    this.assumptions = this.#wire.assumptions;
    this.#markets = new MarketList(() => this.#protocol.markets());
    this.#protocol = protocolOf(this.#wire, this.#markets);
  }

  /** Calls waiting for their turn, and calls that got none. */
  get counts(): Wire["counts"] {
    return this.#wire.counts;
  }

  instruments(): Promise<Reply<readonly Instrument[]>> {
    return this.#answer(async () => {
      const markets = await this.#listed();
      return markets.map(({ instrument }) => instrument);
    });
  }

  /** Whether each of the desk's symbols takes orders now. */
  marketStates(): Promise<Reply<readonly { symbol: string; state: MarketState }[]>> {
    return this.#answer(async () => {
      const markets = await this.#listed();
      return markets.map(({ instrument, state }) => ({ symbol: instrument.symbol, state }));
    });
  }

  submit(request: OrderRequest): Promise<Reply<VenueOrder>> {
    return this.#answer(async () => {
      const market = await this.#market(request.symbol);
      return await this.#protocol.place(market, request);
    });
  }

  /** The venue's own dry run of an order; nothing is placed. */
  validate(request: OrderRequest): Promise<Reply<string>> {
    return this.#answer(async () => {
      const market = await this.#market(request.symbol);
      return await this.#protocol.validate(market, request);
    });
  }

  async amend(request: AmendRequest): Promise<Reply<VenueOrder>> {
    const { venue } = this.at;
    if (this.#protocol.amend === null) {
      const text = `Cannot amend order "${request.clientOrderId}": ${venue} has no amend`;
      return { type: "refused", code: "unsupported", text };
    }
    const asked = await this.#answer(async () => {
      const market = await this.#market(request.symbol);
      return { market, sentAt: (await this.#protocol.amend?.(market, request)) ?? 0 };
    });
    if (asked.type !== "confirmed") return asked;
    const { market, sentAt } = asked.value;
    const found = await this.#answer(() => this.#protocol.order(market, request));
    if (found.type !== "confirmed" || found.value === null) {
      return { type: "unknown", cause: `amended, but not found since: ${causeOf(found)}` };
    }
    const order = found.value;
    if (isTerminal(order.state)) return { type: "confirmed", value: order };
    // The venue said yes to these terms; what it lists of them may be a moment old.
    const { quantity, price, stopPrice } = request;
    const updatedAt = Math.max(order.updatedAt, sentAt);
    return { type: "confirmed", value: { ...order, quantity, price, stopPrice, updatedAt } };
  }

  /** A cancel that was taken is not yet an order that ended: its end is looked for. */
  async cancel(request: CancelRequest): Promise<Reply<VenueOrder>> {
    const asked = await this.#answer(async () => {
      const market = await this.#market(request.symbol);
      await this.#protocol.cancel(market, request);
      return market;
    });
    if (asked.type !== "confirmed") return asked;
    const { looks, pauseMs } = this.#options.settle ?? defaultSettle;
    let cause = "not looked for";
    for (let look = 0; look < looks; look += 1) {
      if (look > 0) await this.#wire.clock.sleep(pauseMs);
      const found = await this.#answer(() => this.#protocol.order(asked.value, request));
      if (found.type === "confirmed" && found.value !== null && isTerminal(found.value.state)) {
        return { type: "confirmed", value: found.value };
      }
      cause =
        found.type === "confirmed" && found.value !== null
          ? `listed as ${found.value.state}`
          : causeOf(found);
    }
    return { type: "unknown", cause: `cancel taken, but its end was not seen: ${cause}` };
  }

  async lookUp(clientOrderId: string, symbol: string): Promise<Reply<Found>> {
    const reply = await this.#answer(async () => {
      const { orders, fills } = await this.#protocol.find(
        await this.#market(symbol),
        clientOrderId,
      );
      return {
        orders: orders.filter((order) => order.symbol === symbol),
        fills: fills.filter((fill) => fill.symbol === symbol),
      };
    });
    return evidence(reply);
  }

  async lookUpByVenueId(venueOrderId: string, symbol: string): Promise<Reply<Found>> {
    const reply = await this.#answer(async () =>
      this.#protocol.byVenueId(await this.#market(symbol), venueOrderId),
    );
    return evidence(reply);
  }

  openOrders(): Promise<Reply<readonly VenueOrder[]>> {
    return this.#read(() => this.#protocol.openOrders());
  }

  balances(): Promise<Reply<readonly Balance[]>> {
    return this.#answer(() => this.#protocol.balances());
  }

  fillsSince(since: number): Promise<Reply<readonly Fill[]>> {
    return this.#read(() => this.#protocol.fillsSince(since));
  }

  movementsSince(since: number, coins: readonly string[]): Promise<Reply<readonly Movement[]>> {
    return this.#answer(async () => {
      const { movementsSince } = this.#protocol;
      if (movementsSince !== null) return await movementsSince(since, coins);
      const text = `Cannot ask ${this.at.venue} what moved ${coins.join(", ")}: it is not read there`;
      throw new NotSent(text, "unsupported");
    });
  }

  takeReport(): VenueReport | null {
    return this.#options.reports?.takeReport() ?? null;
  }

  /** What the key may do, as far as the venue tells. */
  keyRights(): Promise<Reply<KeyRights>> {
    return this.#answer(() => this.#protocol.keyRights());
  }

  /** Whether the venue as a whole takes orders. */
  status(): Promise<Reply<VenueStatus>> {
    return this.#answer(() => this.#protocol.status());
  }

  /** The venue's clock, Unix milliseconds; Kraken's has whole seconds only. */
  serverTime(): Promise<Reply<number>> {
    return this.#answer(() => this.#protocol.serverTime());
  }

  /** Kraken: a token for one private stream connection, asked for with this key's nonce. */
  streamToken(): Promise<Reply<string>> {
    return this.#answer(() => {
      const protocol = this.#protocol;
      if (protocol instanceof KrakenProtocol) return protocol.streamToken();
      throw new NotSent(
        `Cannot ask ${this.at.venue} for a stream token: it has none`,
        "unsupported",
      );
    });
  }

  /**
   * Kraken's dead man's switch: it cancels ALL orders of the account, protective stops included,
   * unless asked again within the time; 0 calls that off.
   */
  cancelAllAfter(timeoutMs: number): Promise<Reply<void>> {
    return this.#answer(() => {
      const protocol = this.#protocol;
      if (protocol instanceof KrakenProtocol) return protocol.cancelAllAfter(timeoutMs);
      const text = `Cannot arm a dead man's switch at ${this.at.venue}: it has none`;
      throw new NotSent(text, "unsupported");
    });
  }

  /** Coinbase: a token for one subscription, signed now with this key; nothing is asked for it. */
  streamJwt(): Reply<string> {
    const value = this.#wire.streamToken();
    if (value !== null) return { type: "confirmed", value };
    const text = `Cannot sign a stream token for ${this.at.venue}: it takes none, or no keys are given`;
    return { type: "refused", code: "unsupported", text };
  }

  async #answer<T>(work: () => Promise<T>): Promise<Reply<T>> {
    try {
      return { type: "confirmed", value: await work() };
    } catch (error) {
      return classify(this.at.venue, error);
    }
  }

  /** Reads that name symbols need to know how the venue spells them. */
  #read<T>(work: () => Promise<T>): Promise<Reply<T>> {
    return this.#answer(async () => {
      await this.#markets.loaded();
      return await work();
    });
  }

  async #listed(): Promise<readonly Market[]> {
    await this.#markets.reload();
    return this.#options.symbols.map((symbol) => this.#known(symbol));
  }

  /** @throws {NotSent} where the symbol's rules are not known: then nothing has left the process. */
  async #market(symbol: string): Promise<Market> {
    try {
      await this.#markets.loaded();
    } catch (error) {
      const reply = classify(this.at.venue, error);
      throw new NotSent(`Cannot send for "${symbol}": its rules did not load: ${causeOf(reply)}`);
    }
    return this.#known(symbol);
  }

  #known(symbol: string): Market {
    const market = this.#markets.marketOf(symbol);
    if (market !== null) return market;
    const text = `Cannot trade "${symbol}" at ${this.at.venue}: the venue does not list it`;
    throw new NotSent(text, "unsupported");
  }
}

function protocolOf(wire: Wire, markets: MarketList): Protocol {
  switch (wire.venue) {
    case "kraken":
      return new KrakenProtocol(wire, markets);
    case "coinbase":
      return new CoinbaseProtocol(wire, markets);
    case "binanceus":
      return new BinanceusProtocol(wire, markets);
  }
}

/** A source that refuses to answer has not answered: that is no evidence of anything. */
function evidence(reply: Reply<Found>): Reply<Found> {
  if (reply.type !== "refused" || reply.code === "notSent") return reply;
  return { type: "unknown", cause: reply.text };
}

function causeOf(reply: Reply<unknown>): string {
  if (reply.type === "unknown") return reply.cause;
  return reply.type === "refused" ? reply.text : "the venue does not list it";
}
