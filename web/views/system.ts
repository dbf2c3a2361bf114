import { type Handlers, RouteError } from "../api/route.ts";
import type { systemRoutes } from "../api/system.ts";
import type { PanelDoors } from "../server/doors.ts";
import { openApi } from "../server/openapi.ts";
import type { PanelOptions } from "../server/ports.ts";

/** Whether the desk may trade: reconciled with every venue, and warm. */
export function readiness({ desk }: Pick<PanelOptions, "desk">) {
  const reconciled = desk.status().state !== "reconciling";
  const warm = desk.isWarm;
  return { ready: reconciled && warm, reconciled, warm };
}

/** What monitors ask, and what the server can do. */
export function systemViews(
  { desk, uptimeMs, version }: Pick<PanelOptions, "desk" | "uptimeMs" | "version">,
  doors: PanelDoors,
): Handlers<typeof systemRoutes> {
  return {
    "GET /health": () => ({ ok: true, uptimeMs: Math.round(uptimeMs()) }),
    "GET /ready": () => {
      const found = readiness({ desk });
      if (found.ready) return found;
      const why = found.reconciled ? "the market is not known well enough yet" : "it reconciles";
      throw new RouteError(503, `The desk does not trade: ${why}`, found);
    },
    "GET /heartbeat": () => ({ ...doors.pulse(), uptimeMs: Math.round(uptimeMs()) }),
    "GET /api/v1/openapi.json": () => openApi(version),
  };
}
