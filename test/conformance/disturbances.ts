/** What befalls a venue as a whole, for a moment: not one request, but all of them. */
import type { RehearsalControl } from "../../adapters/venues/rehearsal/mod.ts";

interface Disturbance {
  readonly does: string;
  /** Resolves when it is over. */
  readonly strike: (control: RehearsalControl) => Promise<void>;
}

/** Over before a request that it struck is proved absent, so that each intent is struck once. */
const lastsMs = 400;

function forAWhile(
  begin: (control: RehearsalControl) => void,
  end: (control: RehearsalControl) => void,
): Disturbance["strike"] {
  return async (control) => {
    begin(control);
    await Bun.sleep(lastsMs);
    end(control);
  };
}

const status = (name: string) =>
  forAWhile(
    (control) => control.setStatus(name),
    (control) => control.setStatus("online"),
  );

/** Far beyond the deadline that orders are sent with. */
const skewMs = 30_000;

const skew = (ms: number) =>
  forAWhile(
    (control) => control.setClockSkew(ms),
    (control) => control.setClockSkew(0),
  );

export const disturbances = {
  restart: {
    does: "every socket is reset and none is taken for a moment; orders stay",
    strike: (control) => control.restart(lastsMs),
  },
  closedForMaintenance: {
    does: "every private request is refused as unavailable for a moment",
    strike: status("maintenance"),
  },
  cancelOnly: { does: "no order is taken for a moment", strike: status("cancel_only") },
  clockAhead: { does: "its clock is 30 s ahead for a moment", strike: skew(skewMs) },
  clockBehind: { does: "its clock is 30 s behind for a moment", strike: skew(-skewMs) },
} as const satisfies Record<string, Disturbance>;

export type DisturbanceName = keyof typeof disturbances;
export const disturbanceNames = Object.keys(disturbances) as DisturbanceName[];
