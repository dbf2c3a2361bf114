import type { Vital } from "../../actors/desk/ports.ts";
import type { Reply } from "../../actors/order/ports.ts";
import type { Draws } from "../../actors/runtime/ports.ts";
import type { VenueReport } from "../../machines/domain/fill.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import { CcxtVenue, type CcxtVenueOptions } from "../venues/ccxt/mod.ts";
import {
  type ConnectionLimits,
  coinbasePrivateStream,
  krakenPrivateStream,
  type PrivateStream,
  type PrivateStreamEvent,
  type PrivateStreamOptions,
  type StreamTimers,
} from "../venues/streams/mod.ts";
import type { WiredVenue } from "./compose.ts";
import { keepArmed } from "./dead-mans-switch.ts";

/** Venues that orders can be sent to over a wire: those whose private stream is spoken. */
export const wiredVenueNames = ["kraken", "coinbase"] as const;
export type WiredVenueName = (typeof wiredVenueNames)[number];

/** Where each venue's own private stream is. */
export const accountStreams: Readonly<Record<WiredVenueName, string>> = {
  kraken: "wss://ws-auth.kraken.com/v2",
  coinbase: "wss://advanced-trade-ws-user.coinbase.com",
};

export interface WiredVenueOptions extends Omit<CcxtVenueOptions, "reports" | "at"> {
  readonly at: VenueAccount & { readonly venue: WiredVenueName };
  /** Where the account's own stream is. */
  readonly streamUrl: string;
  readonly draws: Draws;
  readonly timers: StreamTimers;
  readonly limits?: Partial<ConnectionLimits>;
  /** Kraken's only: after so long without a sign of life the venue cancels every order. */
  readonly deadMansSwitchMs?: number;
}

export interface StreamedVenue extends WiredVenue {
  readonly venue: CcxtVenue;
  /** Messages that its stream brought so far. */
  heard(): number;
}

/** One account behind real sockets: requests by REST, what happens to orders by its stream. */
export function wiredVenue(options: WiredVenueOptions): StreamedVenue {
  const { streamUrl, timers, limits = {}, draws, at, deadMansSwitchMs, ...account } = options;
  let stream: PrivateStream | null = null;
  let unlisten = () => {};
  let disarm = async () => {};
  let isClosed = false;
  const reports = { takeReport: (): VenueReport | null => stream?.takeReport() ?? null };
  const venue = new CcxtVenue({ ...account, at, reports });
  return {
    venue,
    draws,
    listen(tell) {
      const draw = () => Math.random();
      stream = privateStreamOf(venue, at.venue, { url: streamUrl, timers, limits, draw });
      tell({ type: "account", at, link: "cut", text: "its stream has not begun" });
      unlisten = stream.onEvent((event) => {
        const vital = vitalOf(at, event);
        if (vital) tell(vital);
      });
      stream.start();
      if (deadMansSwitchMs === undefined) return;
      disarm = keepArmed({
        cancelAllAfter: (ms) => venue.cancelAllAfter(ms),
        ...{ timeoutMs: deadMansSwitchMs, timers },
        // Once the desk has ended there is nobody to tell but whoever ended it.
        onTrouble: (text) =>
          isClosed ? console.error(text) : tell({ type: "account", at, link: "doubtful", text }),
      });
    },
    heard: () => stream?.status.counters.messages ?? 0,
    close() {
      isClosed = true;
      unlisten();
      stream?.close();
      // Nothing waits for it, and the process stays until the venue has answered.
      void disarm();
    },
  };
}

/** An account's own stream, let in by what its venue wants for it. */
function privateStreamOf(
  venue: CcxtVenue,
  name: WiredVenueName,
  options: PrivateStreamOptions,
): PrivateStream {
  switch (name) {
    case "kraken": {
      const token = async () => tokenIn(await venue.streamToken());
      return krakenPrivateStream({ ...options, token });
    }
    case "coinbase":
      return coinbasePrivateStream({ ...options, jwt: () => tokenIn(venue.streamJwt()) });
  }
}

/** @throws {Error} where the venue gives none */
function tokenIn(reply: Reply<string>): string {
  if (reply.type === "confirmed") return reply.value;
  throw new Error(reply.type === "unknown" ? reply.cause : reply.text);
}

/** What a desk must know of its account's stream; null for what the next report says anyway. */
function vitalOf(at: VenueAccount, event: PrivateStreamEvent): Vital | null {
  switch (event.type) {
    case "live":
      return { type: "account", at, link: "stands", text: "its stream stands" };
    case "stale":
    case "down":
      return {
        type: "account",
        at,
        link: "cut",
        text: `its stream is ${event.type}: ${event.cause}`,
      };
    case "gap":
      return { type: "account", at, link: "doubtful", text: event.cause };
    case "fillsWanted": {
      const text = `order "${event.venueOrderId}" filled, its trades are to be read`;
      return { type: "account", at, link: "doubtful", text };
    }
    case "balancesMoved":
      return null;
  }
}
