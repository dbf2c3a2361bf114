/** The rehearsed venues that the fault matrix is run on: what differs from one to the next. */
import type { CcxtVenue } from "../../adapters/venues/ccxt/mod.ts";
import type { FaultScope, Rehearsal } from "../../adapters/venues/rehearsal/mod.ts";
import {
  coinbasePrivateStream,
  krakenPrivateStream,
  type PrivateStream,
} from "../../adapters/venues/streams/mod.ts";
import { confirmed } from "./bench.ts";

/** Where a column of the matrix strikes: at a request or channel, as the venue sees it. */
interface Place {
  readonly scope: FaultScope;
  readonly targets: readonly string[];
}

interface FaultVenue {
  readonly title: string;
  /** By column; reads one after the other. */
  readonly places: Readonly<Record<FaultScope, Place>>;
  /** The read that tells fills. */
  readonly fills: string;
  readonly stream: (rehearsal: Rehearsal, venue: CcxtVenue) => PrivateStream;
}

/** The stream begins again quickly, and finds a dead socket within a second. */
const streamLimits = {
  ...{ backoffMinMs: 5, backoffMaxMs: 50, pingAfterMs: 200 },
  ...{ staleAfterMs: 500, deadAfterMs: 1_000 },
};

/** A venue that comes to be rehearsed is one more entry. */
export const faultVenues = {
  kraken: {
    title: "Kraken",
    places: {
      submit: { scope: "submit", targets: ["AddOrder"] },
      cancel: { scope: "cancel", targets: ["CancelOrder"] },
      amend: { scope: "amend", targets: ["AmendOrder"] },
      // What a look-up reads, in its order.
      read: { scope: "read", targets: ["OpenOrders", "ClosedOrders", "QueryOrders"] },
      stream: { scope: "stream", targets: ["executions"] },
    },
    fills: "QueryTrades",
    stream: ({ url }, venue) =>
      krakenPrivateStream({
        ...{ url: `${url.replace("http", "ws")}/auth/v2`, draw: () => 0.5, limits: streamLimits },
        token: async () => confirmed(await venue.streamToken()),
      }),
  },
  coinbase: {
    title: "Coinbase",
    places: {
      submit: { scope: "submit", targets: ["CreateOrder"] },
      cancel: { scope: "cancel", targets: ["CancelOrders"] },
      // The desk amends by a cancel and a new order here: the cancel is what can be struck.
      amend: { scope: "cancel", targets: ["CancelOrders"] },
      read: { scope: "read", targets: ["ListOrders", "ListFills"] },
      stream: { scope: "stream", targets: ["user"] },
    },
    fills: "ListFills",
    stream: ({ url }, venue) =>
      coinbasePrivateStream({
        ...{ url: `${url.replace("http", "ws")}/user`, draw: () => 0.5, limits: streamLimits },
        jwt: () => confirmed(venue.streamJwt()),
      }),
  },
} as const satisfies Record<string, FaultVenue>;

export type FaultVenueName = keyof typeof faultVenues;
export const faultVenueNames = Object.keys(faultVenues) as FaultVenueName[];
