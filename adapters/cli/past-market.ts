import type { Reply } from "../../actors/order/ports.ts";
import { timeframeMs, timeframeText } from "../../machines/domain/market.ts";
import { FetchError, type PastMarket, writtenPast } from "../research/candle-fetch.ts";
import type { SeriesKey } from "../research/series-key.ts";
import { AnyVenue } from "../venues/ccxt/any-venue.ts";
import { type CcxtVenueId, isCcxtVenueId } from "../venues/ccxt/mod.ts";
import { PublicMarket } from "../venues/ccxt/public-market.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

interface PastOptions {
  /** Where the venue's REST is, if not at its own address. */
  readonly rest?: string;
  /** Told of what the venue's adapter has to say, in words. */
  readonly onNotice: (text: string) => void;
  /** Told of each try in vain, and waits as long as it sees fit; false to give up. */
  readonly onTrouble: (text: string, triesBefore: number) => Promise<boolean>;
}

/**
 * The past of a series at its venue: through the adapter by which the desk trades there, where there
 * is one, else as ccxt reads it. Waits for a venue that cannot be reached.
 *
 * @throws {CommandError} for a venue that ccxt does not have, or that has no candles of that length
 * @throws {FetchError} where the venue does not list the symbol, or could not be reached
 */
export async function openPast(key: SeriesKey, options: PastOptions): Promise<PastMarket> {
  const { venue } = key;
  return isCcxtVenueId(venue) ? await ownPast(venue, key, options) : await anyPast(key, options);
}

async function ownPast(
  venue: CcxtVenueId,
  key: SeriesKey,
  { rest, onNotice, onTrouble }: PastOptions,
): Promise<PastMarket> {
  checkLength(key, PublicMarket.timeframesOf(venue));
  const market = new PublicMarket({
    ...{ venue, symbols: [key.symbol], ...(rest && { urls: { rest } }) },
    onNotice: ({ text }) => onNotice(text),
  });
  const [instrument] = await answered(key, onTrouble, () => market.instruments());
  if (!instrument) throw new FetchError(`Cannot fetch candles of ${key.symbol}: it has no rules`);
  return writtenPast(market, instrument.tick);
}

async function anyPast(key: SeriesKey, { rest, onTrouble }: PastOptions): Promise<PastMarket> {
  const market = await AnyVenue.open({ venue: key.venue, ...(rest && { rest }) }).catch(
    (cause: unknown) => {
      if (!(cause instanceof RangeError)) throw cause;
      throw new CommandError(cause.message, exitCode.usage, { cause });
    },
  );
  checkLength(key, market.timeframes);
  await answered(key, onTrouble, () => market.lists(key.symbol));
  return market;
}

/** @throws {CommandError} for candles of a length that the venue does not have */
function checkLength({ venue, timeframe }: SeriesKey, lengths: readonly number[]): void {
  if (lengths.includes(timeframeMs(timeframe))) return;
  const wanted = lengths.map(timeframeText).join(", ");
  throw new CommandError(
    `Cannot fetch candles of "${timeframe}": ${venue} has ${wanted}`,
    exitCode.usage,
  );
}

/** What the venue says in the end. @throws {FetchError} for a no, and where it was given up */
async function answered<T>(
  { symbol, venue }: SeriesKey,
  onTrouble: PastOptions["onTrouble"],
  ask: () => Promise<Reply<T>>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const reply = await ask();
    if (reply.type === "confirmed") return reply.value;
    const text = reply.type === "unknown" ? reply.cause : reply.text;
    const isFinal = reply.type === "refused" && reply.code === "unsupported";
    if (isFinal || !(await onTrouble(text, tries))) {
      throw new FetchError(`Cannot fetch candles of ${symbol} at ${venue}: ${text}`);
    }
  }
}
