/** A live configuration that points at a venue on this machine: all is as with real money there. */

import type { RehearsalVenueName } from "../../adapters/venues/rehearsal/mod.ts";
import { liveNotice, liveSwitch, liveSwitchWord } from "../../config/live-schema.ts";
import { nervous, setsOf, symbol } from "./nervous.fixture.ts";

const streams = {
  kraken: { market: "/v2", account: "/auth/v2" },
  coinbase: { market: "/", account: "/user" },
} satisfies Record<RehearsalVenueName, object>;

export interface Keys {
  readonly apiKey: string;
  readonly secret: string;
}

/** Every key of a desk that would trade at once at the venue that answers there. */
export function liveSettings(
  venue: RehearsalVenueName,
  url: string,
): Readonly<Record<string, string>> {
  const streamUrl = url.replace("http", "ws");
  return {
    ...nervous,
    mode: "live",
    "live.acknowledged": liveNotice,
    "market.source": "live",
    "market.live.venue": venue,
    "market.live.symbols": symbol,
    "market.live.rest": url,
    "market.live.stream": `${streamUrl}${streams[venue].market}`,
    "account.venue": venue,
    "account.rest": url,
    "account.stream": `${streamUrl}${streams[venue].account}`,
  };
}

export const liveArgs = (...of: Parameters<typeof liveSettings>): string[] =>
  setsOf(liveSettings(...of));

/** The environment of an operator who means it. */
export function liveEnvironment(
  venue: RehearsalVenueName,
  { apiKey, secret }: Keys,
): Readonly<Record<string, string>> {
  const name = venue.toUpperCase();
  return {
    [liveSwitch]: liveSwitchWord,
    [`NOVACTOR_SECRET_${name}_API_KEY`]: apiKey,
    [`NOVACTOR_SECRET_${name}_SECRET`]: secret,
  };
}
