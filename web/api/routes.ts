import { accountRoutes } from "./accounts.ts";
import { commandRoutes } from "./commands.ts";
import { configurationRoutes } from "./configuration.ts";
import { deskRoutes } from "./desk.ts";
import { helpRoutes } from "./help.ts";
import { ledgerRoutes } from "./ledger.ts";
import { logRoutes } from "./logs.ts";
import { machineRoutes } from "./machines.ts";
import { operatorRoutes, sessionRoutes } from "./operators.ts";
import { overviewRoutes } from "./overview.ts";
import { researchRoutes } from "./research.ts";
import { riskRoutes } from "./risk.ts";
import type { RouteTable } from "./route.ts";
import { scannerRoutes } from "./scanner.ts";
import { openRoutes, systemRoutes } from "./system.ts";
import { tradeRoutes } from "./trade.ts";
import { tradesRoutes } from "./trades.ts";

/** Every route of the panel: what it is, who may ask for it, and what it may change. */
export const routes = {
  ...deskRoutes,
  ...overviewRoutes,
  ...configurationRoutes,
  ...logRoutes,
  ...researchRoutes,
  ...scannerRoutes,
  ...tradeRoutes,
  ...tradesRoutes,
  ...ledgerRoutes,
  ...riskRoutes,
  ...accountRoutes,
  ...machineRoutes,
  ...commandRoutes,
  ...operatorRoutes,
  ...helpRoutes,
  ...systemRoutes,
  ...sessionRoutes,
  // The page answers whatever no other route does.
  ...openRoutes,
} as const satisfies RouteTable;

export type Routes = typeof routes;
export type RouteKey = keyof Routes;
/** What a handler of `web/views/` answers; the others the server answers by itself. */
export type ViewRoutes = Omit<Routes, keyof typeof sessionRoutes | keyof typeof openRoutes>;
