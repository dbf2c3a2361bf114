import type { VenueAccount } from "../../machines/domain/ids.ts";
import { orderEffects, type Venue } from "../order/mod.ts";
import { readAccountEffect } from "../reconciler/mod.ts";
import type { ActorSystem, EffectHandler } from "../runtime/mod.ts";
import { fillsSince } from "./fills-since.ts";
import type { DeskOptions } from "./options.ts";

interface EffectParts {
  readonly options: DeskOptions;
  readonly system: () => ActorSystem;
  readonly venueOf: (at: VenueAccount) => Venue;
  readonly exposureStopped: (at: VenueAccount, symbol: string) => string | null;
}

/** All that the desk's actors do outside. */
export function deskEffects({
  options,
  system,
  venueOf,
  exposureStopped,
}: EffectParts): Record<string, EffectHandler> {
  const { clock, draws, reached, lease } = options;
  const holdsLease = () => lease.holdsLease();
  return {
    ...orderEffects({ venueOf, holdsLease, clock, draws, reached, exposureStopped }),
    readAccount: readAccountEffect(venueOf, (at) => fillsSince(at, system(), options)),
  };
}
