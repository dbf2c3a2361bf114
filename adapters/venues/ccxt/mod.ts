export {
  type AssumptionNote,
  assumptionNotes,
  assumptions,
  type CcxtAssumptions,
  type CcxtVenueId,
  ccxtVenueIds,
  isCcxtVenueId,
} from "./assumptions.ts";
export { CcxtVenue } from "./ccxt-venue.ts";
export { type ClassificationRow, classification } from "./classification.ts";
export { systemVenueClock, type VenueClock } from "./clock.ts";
export { KeyError, normaliseKeys, type VenueKeys } from "./keys.ts";
export { type Tier, tiers } from "./limits.ts";
export type { CcxtVenueOptions, VenueNotice } from "./options.ts";
export type { KeyRights, MarketState, VenueStatus } from "./protocol.ts";
