import type { Handlers } from "../api/route.ts";
import type { ViewRoutes } from "../api/routes.ts";
import { accountViews } from "../views/accounts.ts";
import { commandViews } from "../views/commands.ts";
import { configurationViews } from "../views/configuration.ts";
import { deskViews } from "../views/desk.ts";
import { helpViews } from "../views/help.ts";
import { ledgerViews } from "../views/ledger.ts";
import { logViews } from "../views/logs.ts";
import { machineViews } from "../views/machines.ts";
import { operatorViews } from "../views/operators.ts";
import { overviewViews } from "../views/overview.ts";
import { researchViews } from "../views/research.ts";
import { riskViews } from "../views/risk.ts";
import { scannerViews } from "../views/scanner.ts";
import { systemViews } from "../views/system.ts";
import { tradeViews } from "../views/trade.ts";
import { tradesViews } from "../views/trades.ts";
import type { Chronicle } from "./chronicle.ts";
import type { PanelDoors } from "./doors.ts";
import type { Entrance } from "./entrance.ts";
import type { PanelOptions } from "./ports.ts";

/** What the views of keys, sessions and commands need of the door. */
export interface Keeping {
  readonly doors: PanelDoors;
  readonly entrance: Entrance;
  readonly chronicle: Chronicle;
}

/** What answers the routes that show the desk and its past. */
export function viewsOf(options: PanelOptions) {
  return {
    ...deskViews(options),
    ...overviewViews(options),
    ...configurationViews(options),
    ...logViews(options),
    ...researchViews(options),
    ...scannerViews(options),
    ...tradeViews(options),
    ...tradesViews(options),
    ...ledgerViews(options),
    ...riskViews(options),
    ...accountViews(options),
    ...machineViews(options),
  };
}

/** What answers each route. */
export function handlersOf(options: PanelOptions, { doors, entrance, chronicle }: Keeping) {
  return {
    ...viewsOf(options),
    ...commandViews(options, doors, chronicle),
    ...operatorViews(doors, entrance, chronicle),
    ...systemViews(options, doors),
    ...helpViews(doors),
  } satisfies Handlers<ViewRoutes, never>;
}
