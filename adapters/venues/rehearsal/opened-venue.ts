import type { VenueAccounts } from "./accounts.ts";
import type { FaultScheduler } from "./faults/scheduler.ts";
import type { Wire } from "./wire.ts";

export interface Credentials {
  readonly apiKey: string;
  /** As the venue hands it out. */
  readonly secret: string;
}

/** What another key may do; names are the venue's. */
export interface KeyTerms {
  /** Whose key it is: the main account's if not given; an account that is not there is opened. */
  readonly account?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  /** How far below the highest nonce another may be; 0 for strictly rising. */
  readonly nonceWindow?: number | undefined;
  /** How the key signs, where the venue has several ways. */
  readonly algorithm?: string | undefined;
}

/** Which rate limits hold; names of tiers are the venue's. */
export interface LimitTerms {
  readonly tier?: string | undefined;
  readonly rest?: boolean | undefined;
  readonly engine?: boolean | undefined;
}

/** A wire format at work: what the server speaks, and what the control channel can set of it. */
export interface OpenedVenue {
  readonly wire: Wire;
  readonly credentials: Credentials;
  /** @throws {RangeError} on a state that the venue does not have. */
  setStatus(status: string): void;
  setReadLag(readLagMs: number): void;
  /** @throws {RangeError} on a tier that the venue does not have. */
  setLimits(terms: LimitTerms): void;
  /** @throws {RangeError} on a behaviour that the venue does not have. */
  setRepeatedClientId(behaviour: string): void;
  /** @throws {RangeError} on a right that the venue does not have. */
  createKey(terms: KeyTerms): Credentials;
}

export interface OpenParts {
  readonly accounts: VenueAccounts;
  readonly faults: FaultScheduler;
  readonly seed: string;
  readonly limits: LimitTerms;
  readonly readLagMs: number;
  readonly nonceWindow: number;
  /** How many times sooner than at the venue itself it closes streams that say nothing. */
  readonly streamHaste: number;
}
