import { mainAccount } from "../accounts.ts";
import type { KeyTerms, LimitTerms, OpenedVenue, OpenParts } from "../opened-venue.ts";
import { KrakenDesks } from "./desks.ts";
import { ApiKeys, type KeyPermission, keyPermissions, tradingPermissions } from "./keys.ts";
import { RateLimits, type Tier, tierNames } from "./limits.ts";
import { KrakenPairs } from "./names.ts";
import { SessionTokens } from "./tokens.ts";
import { type KrakenVenue, type SystemStatus, systemStatuses } from "./venue.ts";
import { KrakenWire } from "./wire.ts";

/** One of the names that Kraken has. @throws {RangeError} */
function named<Name extends string>(what: string, text: string, names: readonly Name[]): Name {
  const name = names.find((each) => each === text);
  if (name !== undefined) return name;
  throw new RangeError(`Cannot set ${what} "${text}": wanted one of ${names.join(", ")}`);
}

/** Puts Kraken's wire format before the accounts of an exchange. */
export function openKraken({ accounts, faults, seed, ...terms }: OpenParts): OpenedVenue {
  const exchange = accounts.main;
  const keys = new ApiKeys(seed);
  const instruments = Array.from(exchange.markets.values(), ({ instrument }) => instrument);
  const limits = new RateLimits({ tier: "intermediate", rest: true, engine: true });
  const tokens = new SessionTokens(seed);
  const pairs = new KrakenPairs(instruments);
  const { readLagMs } = terms;
  const status: SystemStatus = "online";
  const venue: KrakenVenue = {
    exchange,
    faults,
    pairs,
    keys,
    limits,
    tokens,
    status,
    readLagMs,
  };
  const desks = new KrakenDesks(accounts, venue);
  const createKey = ({ account = mainAccount, nonceWindow = 0, ...key }: KeyTerms) => {
    const permissions =
      key.permissions?.map((each) => named<KeyPermission>("key right", each, keyPermissions)) ??
      tradingPermissions;
    accounts.open(account);
    desks.of(account);
    const createdAt = exchange.clock.now;
    const { apiKey, secret } = keys.create({ account, permissions, nonceWindow, createdAt });
    return { apiKey, secret };
  };
  const setLimits = ({ tier, rest, engine }: LimitTerms) => {
    const before = limits.options;
    const options = {
      tier: tier === undefined ? before.tier : named<Tier>("tier", tier, tierNames),
      rest: rest ?? before.rest,
      engine: engine ?? before.engine,
    };
    desks.set((each) => {
      each.limits.options = options;
    });
  };
  setLimits(terms.limits);
  return {
    wire: new KrakenWire(desks),
    credentials: createKey({ nonceWindow: terms.nonceWindow }),
    setStatus: (text) => {
      const wanted = named<SystemStatus>("status", text, systemStatuses);
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
    setRepeatedClientId: (behaviour) => {
      named("behaviour of repeated client ids", behaviour, ["refusedWhileOpen"]);
    },
    createKey,
  };
}
