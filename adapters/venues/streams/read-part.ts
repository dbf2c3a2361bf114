import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { MarketChannel, MarketSink } from "./live-market.ts";
import { WireFlaw } from "./wire-message.ts";

/**
 * Reads one symbol's part of a message. What cannot be read costs that symbol's channel, never the
 * connection, which other symbols share: a venue that changed one tick size must not stop them all.
 */
export function readPart(
  sink: MarketSink,
  symbol: SymbolName,
  channel: MarketChannel,
  read: () => void,
): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireFlaw)) throw error;
    sink.malformed(`${channel} of ${symbol} ${error.message}`);
    sink.lost(symbol, channel, `its message ${error.message}`);
  }
}
