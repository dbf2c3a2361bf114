import { mainAccount } from "../accounts.ts";
import type { KeyTerms, LimitTerms, OpenedVenue, OpenParts } from "../opened-venue.ts";
import { CoinbaseDesks } from "./desks.ts";
import {
  ApiKeys,
  type KeyAlgorithm,
  type KeyPermission,
  keyAlgorithms,
  keyPermissions,
  tradingPermissions,
} from "./keys.ts";
import { RateLimits } from "./limits.ts";
import { CoinbaseProducts } from "./names.ts";
import {
  type CoinbaseVenue,
  type RepeatBehaviour,
  repeatBehaviours,
  type VenueStatus,
  venueStatuses,
} from "./venue.ts";
import { CoinbaseWire } from "./wire.ts";

/** One of the names that Coinbase has. @throws {RangeError} */
function named<Name extends string>(what: string, text: string, names: readonly Name[]): Name {
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw new RangeError(`Cannot set ${what} "${text}": wanted one of ${names.join(", ")}`);
}

/** Puts Coinbase Advanced's wire format before the accounts of an exchange. It knows no nonces and no tiers. */
export function openCoinbase({ accounts, faults, seed, ...terms }: OpenParts): OpenedVenue {
  const exchange = accounts.main;
  const { clock } = exchange;
  const keys = new ApiKeys(seed, () => [clock.told, Date.now() + clock.skewMs]);
  const limits = new RateLimits(true);
  const instruments = Array.from(exchange.markets.values(), ({ instrument }) => instrument);
  const venue: CoinbaseVenue = {
    ...{ exchange, faults, products: new CoinbaseProducts(instruments), keys, limits, seed },
    streamHaste: terms.streamHaste,
    status: "online",
    repeats: "firstOrder",
    readLagMs: terms.readLagMs,
  };
  const desks = new CoinbaseDesks(accounts, venue);
  const createKey = ({ account = mainAccount, algorithm = "ES256", ...terms }: KeyTerms) => {
    const permissions =
      terms.permissions?.map((each) => named<KeyPermission>("key right", each, keyPermissions)) ??
      tradingPermissions;
    const way = named<KeyAlgorithm>("key algorithm", algorithm, keyAlgorithms);
    accounts.open(account);
    desks.of(account);
    const { apiKey, secret } = keys.create({ account, permissions, algorithm: way });
    return { apiKey, secret };
  };
  const setLimits = ({ tier, rest }: LimitTerms) => {
    if (tier !== undefined) {
      throw new RangeError(`Cannot set tier "${tier}": the limits of coinbase have no tiers`);
    }
    limits.isCounting = rest ?? limits.isCounting;
  };
  setLimits(terms.limits);
  return {
    wire: new CoinbaseWire(desks),
    credentials: createKey({}),
    setStatus: (text) => {
      const wanted = named<VenueStatus>("status", text, venueStatuses);
      desks.set((each) => {
        each.status = wanted;
      });
    },
    setReadLag: (ms) => {
      desks.set((each) => {
        each.readLagMs = ms;
      });
    },
    setLimits,
    setRepeatedClientId: (text) => {
      const what = "behaviour of repeated client ids";
      const wanted = named<RepeatBehaviour>(what, text, repeatBehaviours);
      desks.set((each) => {
        each.repeats = wanted;
      });
    },
    createKey,
  };
}
