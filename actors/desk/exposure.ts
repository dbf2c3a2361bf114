import { type Brake, brakeOn } from "../../machines/domain/brake.ts";
import {
  add,
  compare,
  type Decimal,
  maximum,
  multiply,
  zero,
} from "../../machines/domain/decimal.ts";
import { accountKey, actorName, coinsOf, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Intent } from "../../machines/domain/order.ts";
import { leftOf } from "../../machines/order.chase.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { DeskConfig } from "./config.ts";

/** What exposure is counted over, all accounts together. */
export interface Exposed {
  readonly books: Books;
  readonly system: () => ActorSystem;
  /** The first account's cap holds for all. */
  readonly config: () => DeskConfig;
}

export type PriceOf = (at: VenueAccount, symbol: string) => Decimal | null;

/**
 * What open positions have cost and working entries may still cost, in a quote coin, over all
 * accounts. A buy of somebody else that was claimed counts with them. One whose fate is not known works
 * until the contrary is proved; one that is being moved costs the dearer of its prices. Null where a
 * buy has no price that is known.
 */
export function exposureOf(
  { books, system }: Omit<Exposed, "config">,
  priceOf: PriceOf,
  quote: string,
): Decimal | null {
  let exposure: Decimal = zero;
  for (const { symbol, cost } of books.openPositions()) {
    if (coinsOf(symbol).quote === quote) exposure = add(exposure, cost);
  }
  for (const [name, snapshot] of system().actors()) {
    if (!name.startsWith("order:") || snapshot.hasTag("over")) continue;
    const context = snapshot.context as OrderContext;
    const { intent } = context;
    if (!isBuying(intent) || coinsOf(intent.symbol).quote !== quote) continue;
    const price = dearer(context) ?? priceOf(intent.at, intent.symbol);
    if (price === null) return null;
    exposure = add(exposure, multiply(leftOf(context), price));
  }
  return exposure;
}

function isBuying({ role, side }: Intent): boolean {
  return role === "entry" || (role === "foreign" && side === "buy");
}

/** The higher of the price that an order has and the one asked for it; null at market. */
function dearer({ live, wanted }: OrderContext): Decimal | null {
  // A stop buys at its price or above.
  if (live.price === null && live.stopPrice !== null) return live.stopPrice;
  if (live.price === null || wanted === null || wanted.price === null) return live.price;
  return maximum(live.price, wanted.price);
}

/** All accounts' exposure in one quote coin. */
export interface ExposureView {
  readonly quote: string;
  /** Null where a working buy has no price that is known. */
  readonly exposure: Decimal | null;
  /** Null where none is set. */
  readonly cap: Decimal | null;
}

/** The exposure in each of the quote coins, whether it is capped or not. */
export function exposuresOf(
  of: Exposed,
  priceOf: PriceOf,
  quotes: readonly string[],
): readonly ExposureView[] {
  const cap = of.config().risk.exposureCap ?? null;
  return [...new Set(quotes)].map((quote) => ({
    quote,
    exposure: exposureOf(of, priceOf, quote),
    cap,
  }));
}

/** What an evaluation has to know of the exposure: nothing where no cap is set. */
export function exposureFact(
  of: Exposed,
  priceOf: PriceOf,
  quote: string,
): { readonly exposure?: Decimal } {
  const { exposureCap } = of.config().risk;
  if (exposureCap === undefined) return {};
  return { exposure: exposureOf(of, priceOf, quote) ?? exposureCap };
}

/** Why an entry, which is among the working ones by now, must not be sent; null if it may be. */
function exposureRefusal(of: Exposed, priceOf: PriceOf, quote: string): string | null {
  const { exposureCap } = of.config().risk;
  if (exposureCap === undefined) return null;
  const exposure = exposureOf(of, priceOf, quote);
  if (exposure === null) return "a buy's price is not known, and exposure is capped";
  if (compare(exposure, exposureCap) <= 0) return null;
  return `exposure would be ${exposure}, above the cap of ${exposureCap}`;
}

/** What the one gate of exposure looks at (P7). */
interface ExposureGate extends Exposed {
  readonly brakes: () => readonly Brake[];
  readonly priceOf: PriceOf;
  /** Orders of that symbol whose fate is not known. */
  readonly unsettledOf: (at: VenueAccount, symbol: string) => readonly string[];
}

/** Why nothing that adds exposure may leave now, or null. */
export function exposureStop(at: VenueAccount, symbol: string, gate: ExposureGate): string | null {
  const brake = brakeOn(gate.brakes(), accountKey(at), symbol);
  if (brake) return `brake "${brake.brakeId}": ${brake.reason}`;
  const isOpen = gate.system().snapshot(actorName.account(at))?.hasTag("trading") ?? false;
  if (!isOpen) return "the account is not reconciled";
  const doubtful = gate.unsettledOf(at, symbol)[0];
  if (doubtful !== undefined) return `the fate of "${doubtful}" is not known`;
  return exposureRefusal(gate, gate.priceOf, coinsOf(symbol).quote);
}
