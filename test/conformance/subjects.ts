/** Who is put through the cases: one entry for each venue adapter, opened anew for each case. */

import { VirtualClock } from "../../actors/runtime/mod.ts";
import { CcxtVenue, type CcxtVenueId } from "../../adapters/venues/ccxt/mod.ts";
import { PaperVenue } from "../../adapters/venues/paper/paper-venue.ts";
import {
  type Credentials,
  type Rehearsal,
  startRehearsal,
} from "../../adapters/venues/rehearsal/mod.ts";
import {
  coinbasePrivateStream,
  krakenPrivateStream,
  type PrivateStream,
} from "../../adapters/venues/streams/mod.ts";
import { decimal, toNumber } from "../../machines/domain/decimal.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { Instrument } from "../../machines/domain/instrument.ts";
import { type Bench, type Capability, confirmed, symbol, until } from "./bench.ts";

export interface Subject {
  readonly name: string;
  /** As in the matrix' heading. */
  readonly title: string;
  readonly open: () => Promise<Bench>;
  /** What it lacks, and why. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /** What an order does under a client id that an ended order had. */
  readonly repeatedClientId: "secondOrder" | "oldOrder";
}

const opening = { USD: decimal(100_000), BTC: decimal(1) };

const instrument: Instrument = {
  venue: "paper",
  symbol,
  base: "BTC",
  quote: "USD",
  tick: decimal("0.1"),
  lot: decimal("0.00000001"),
  minQuantity: decimal("0.00005"),
  minNotional: decimal("0.5"),
  makerFee: decimal("0.0025"),
  takerFee: decimal("0.004"),
};

const dawn = Date.UTC(2026, 0, 1);

function notOffered(what: string): never {
  throw new Error(`Cannot ${what}: the subject does not offer it`);
}

/** The one market of all paper accounts of a case. */
class PaperMarket {
  readonly clock = new VirtualClock(dawn);
  readonly venues: (() => PaperVenue)[] = [];
  last: number | null = null;

  point(ticks: number, gap: boolean, volume: number | null): void {
    this.clock.advanceTo(this.clock.now() + 1);
    const point = { at: this.clock.now(), ticks, gap, volume };
    for (const venue of this.venues) venue().point(symbol, point);
    this.last = ticks;
  }
}

/** The matching engine in the process. Orders meet the market with its next event. */
function paperBench(market = new PaperMarket(), account = "main"): Bench {
  const { clock } = market;
  const options = {
    at: { venue: "paper", account },
    clock,
    instruments: [instrument],
    balances: opening,
  };
  let venue = new PaperVenue(options);
  const rows = new Map<string, unknown>();
  const taken: VenueReport[] = [];
  market.venues.push(() => venue);
  return {
    get venue() {
      return venue;
    },
    now: () => clock.now(),
    price: (price, { gap = market.last === null, volume } = {}) =>
      market.point(Math.round(Number(price) / toNumber(instrument.tick)), gap, volume ?? null),
    meet: () => {
      if (market.last !== null) market.point(market.last, false, null);
    },
    pass: (ms) => clock.advanceTo(clock.now() + ms),
    listen: async () => {},
    reports: () => {
      for (let next = venue.takeReport(); next; next = venue.takeReport()) taken.push(next);
      return taken;
    },
    restarted: async () => {
      for (const { key, value } of venue.changes()) {
        if (value === null) rows.delete(key);
        else rows.set(key, value);
      }
      venue = new PaperVenue(options);
      venue.restore(structuredClone(rows));
      return venue;
    },
    other: async () => paperBench(market, "second"),
    placeForeign: () => notOffered("place a foreign order"),
    loseReply: () => notOffered("lose a reply"),
    repeatReport: () => notOffered("repeat a report"),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** How a rehearsed venue is reached: what differs from venue to venue. */
interface Route {
  readonly venue: CcxtVenueId & Parameters<typeof startRehearsal>[0]["venue"];
  readonly stream: (rehearsal: Rehearsal, venue: CcxtVenue) => PrivateStream;
  /** A channel of the private stream that tells executions. */
  readonly channel: string;
}

const streamLimits = { backoffMinMs: 5, backoffMaxMs: 20 };

const krakenRoute: Route = {
  venue: "kraken",
  stream: ({ url }, venue) =>
    krakenPrivateStream({
      url: `${url.replace("http", "ws")}/auth/v2`,
      draw: () => 0.5,
      limits: streamLimits,
      token: async () => confirmed(await venue.streamToken()),
    }),
  channel: "executions",
};

const coinbaseRoute: Route = {
  venue: "coinbase",
  stream: ({ url }, venue) =>
    coinbasePrivateStream({
      url: `${url.replace("http", "ws")}/user`,
      draw: () => 0.5,
      limits: streamLimits,
      jwt: () => confirmed(venue.streamJwt()),
    }),
  channel: "user",
};

/** The real adapters over real sockets; the venue's time and market stand still until told. */
async function rehearsalBench(route: Route): Promise<Bench> {
  const rehearsal = await startRehearsal({
    venue: route.venue,
    speed: "lockstep",
    balances: opening,
    seed: "main",
    // The same rules everywhere, so that the same script gives the same figures.
    instruments: [{ ...instrument, venue: route.venue }],
  });
  return benchOf(route, rehearsal, rehearsal, "main");
}

/** One account of a rehearsed venue; the main one's end is the venue's. */
function benchOf(route: Route, rehearsal: Rehearsal, keys: Credentials, account: string): Bench {
  const { control } = rehearsal;
  const at = { venue: route.venue, account };
  const clock = {
    now: () => control.now,
    sleep: async (ms: number) => {
      control.advanceBy(ms);
      await Bun.sleep(1);
    },
  };
  let stream: PrivateStream | null = null;
  const taken: VenueReport[] = [];
  const others: Bench[] = [];
  const adapter = () =>
    new CcxtVenue({
      at,
      keys: { apiKey: keys.apiKey, secret: keys.secret },
      symbols: [symbol],
      urls: { rest: rehearsal.url },
      clock,
      tier: "unlimited",
      reports: { takeReport: () => stream?.takeReport() ?? null },
    });
  let venue = adapter();
  return {
    get venue() {
      return venue;
    },
    now: () => control.now,
    price: (price, { gap = false, volume } = {}) => {
      // Fills of one millisecond have no order among themselves.
      control.advanceBy(1);
      control.feedPoint(symbol, decimal(price), gap, volume ?? null);
    },
    meet: () => {},
    pass: (ms) => control.advanceBy(ms),
    listen: async () => {
      stream = route.stream(rehearsal, venue);
      stream.start();
      await until("a live private stream", () => stream?.status.state === "live");
    },
    reports: () => {
      for (let next = venue.takeReport(); next; next = venue.takeReport()) taken.push(next);
      return taken;
    },
    restarted: async () => {
      // A process needs a while to start: its nonces, of the clock, are above the last one's.
      control.advanceBy(1_000);
      venue = adapter();
      return venue;
    },
    other: async () => {
      const key = control.createKey({ account: "second" });
      const other = benchOf(route, rehearsal, key, "second");
      others.push(other);
      return other;
    },
    placeForeign: () =>
      control.placeForeign({
        ...{ account, symbol, side: "buy", type: "limit" },
        ...{ quantity: decimal("0.02"), price: decimal("40000") },
      }),
    loseReply: (how) =>
      control.orderFault({
        name: how === "placed" ? "acceptThenReset" : "dropBeforeAcceptance",
        on: ["submit"],
      }),
    repeatReport: () =>
      control.orderFault({ name: "duplicateMessage", on: ["stream"], target: route.channel }),
    [Symbol.asyncDispose]: async () => {
      stream?.close();
      for (const other of others) await other[Symbol.asyncDispose]();
      if (account !== "main") return;
      const problems = [...control.problems];
      await rehearsal[Symbol.asyncDispose]();
      if (problems.length > 0) throw new Error(`The rehearsal venue failed: ${problems[0]}`);
    },
  };
}

/** Every subject; a venue that comes to be rehearsed is one more entry with its route. */
export const subjects: readonly Subject[] = [
  {
    name: "paper",
    title: "Paper",
    open: async () => paperBench(),
    lacks: {
      foreignOrders: "nobody else reaches an account inside the process",
      lostReplies: "it answers within the process: no reply can be lost",
      repeatedMessages: "its reports are taken from memory: none comes twice",
      queuedCalls: "it answers at the instant it is asked: no call waits for another",
    },
    repeatedClientId: "secondOrder",
  },
  {
    name: "kraken",
    title: "Kraken, rehearsed",
    open: () => rehearsalBench(krakenRoute),
    lacks: {},
    repeatedClientId: "secondOrder",
  },
  {
    name: "coinbase",
    title: "Coinbase, rehearsed",
    open: () => rehearsalBench(coinbaseRoute),
    lacks: {
      amend: "the venue edits some orders only: a change is a cancel and a new attempt",
      marketStop: "the venue has no market stop: a stop is a stop-limit at a stated distance",
      reportedFills: "its user channel has no trades: they are read when an order fills further",
    },
    repeatedClientId: "oldOrder",
  },
];
