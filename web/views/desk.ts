import type { deskRoutes } from "../api/desk.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";

/** What every page shows of the desk. */
export function deskViews({
  desk,
  market,
  uptimeMs,
  version,
}: PanelOptions): Handlers<typeof deskRoutes> {
  return {
    "GET /api/v1/strip": () => {
      const { mode, state, brakes, at, quote, equity, positions, ...rest } = desk.status();
      return {
        ...{ mode, market, state, brakes: [...brakes], at, quote, equity, version },
        openPositions: positions.length,
        journalSeq: rest.journalHead.seq,
        alarms: rest.alarms,
        lastAlarm: rest.lastAlarm,
        uptimeMs: Math.round(uptimeMs()),
      };
    },
  };
}
