import { decimalPlaces } from "../../../machines/domain/decimal.ts";
import type { DepthLevel } from "./depth-book.ts";
import { exactDecimal } from "./wire-message.ts";

/** Levels of each side that the checksum is over, whatever depth is subscribed. */
export const levelsChecked = 10;

/** Decimal places that the venue writes prices and quantities with. */
export interface WrittenPlaces {
  readonly price: number;
  readonly quantity: number;
}

/**
 * CRC32 over asks, then bids, best first, each level as the digits of its price and its quantity
 * without point and leading zeros. Source: Kraken's guide "Book checksum (WebSocket v2)".
 *
 * @param places null to take the numbers as they were written; else they are filled up with zeros,
 *   for a sender that leaves trailing ones out.
 */
export function krakenChecksum(
  asks: readonly DepthLevel[],
  bids: readonly DepthLevel[],
  places: WrittenPlaces | null,
): number {
  let text = "";
  for (const side of [asks, bids]) {
    for (const { writtenPrice, writtenQuantity } of side) {
      text += digits(writtenPrice, places?.price ?? null);
      text += digits(writtenQuantity, places?.quantity ?? null);
    }
  }
  return Bun.hash.crc32(text);
}

function digits(written: string, places: number | null): string {
  const text = places === null ? written : filled(written, places);
  return text.replace(".", "").replace(/^0+/, "");
}

function filled(written: string, places: number): string {
  const exact = exactDecimal(written);
  if (exact === null) return written;
  return exact + "0".repeat(Math.max(0, places - decimalPlaces(exact)));
}
