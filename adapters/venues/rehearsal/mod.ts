/** The rehearsal venue: all that others may import of it. */
export type { AccountTrade, LedgerEntry, OrderVersion } from "./account.ts";
export type { RehearsalSpeed } from "./clock.ts";
export { type RepeatBehaviour, repeatBehaviours } from "./coinbase/venue.ts";
export type { FedLevel, ForeignOrder, RehearsalControl, RehearsalRecord } from "./control.ts";
export type { Meeting } from "./exchange.ts";
export { type FaultLevel, faultLevels } from "./faults/levels.ts";
export {
  canStrike,
  type FaultName,
  type FaultOrder,
  type FaultScope,
  faultNames,
  faultRegistry,
  faultScopes,
  type RequestScope,
} from "./faults/registry.ts";
export type { ThrownFault } from "./faults/scheduler.ts";
export type { ServedRequest } from "./http/server.ts";
export type { Credentials, KeyTerms, LimitTerms } from "./opened-venue.ts";
export {
  type Rehearsal,
  type RehearsalOptions,
  type RehearsalVenueName,
  rehearsalVenues,
  startRehearsal,
} from "./rehearsal.ts";
