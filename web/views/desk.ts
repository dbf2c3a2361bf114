import type { deskRoutes } from "../api/desk.ts";
import type { Handlers } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";
import { consequencesOf } from "./consequences.ts";
import { stripOf } from "./strip.ts";

/** What every page shows of the desk. */
export function deskViews(options: PanelOptions): Handlers<typeof deskRoutes> {
  return {
    "GET /api/v1/strip": () => stripOf(options),
    "GET /api/v1/consequences/:command": ({ params }) =>
      consequencesOf(options.desk, params.command),
  };
}
