import type { Handlers } from "../api/route.ts";
import type { Routes } from "../api/routes.ts";
import { accountViews } from "../views/accounts.ts";
import { configurationViews } from "../views/configuration.ts";
import { deskViews } from "../views/desk.ts";
import { ledgerViews } from "../views/ledger.ts";
import { logViews } from "../views/logs.ts";
import { overviewViews } from "../views/overview.ts";
import { researchViews } from "../views/research.ts";
import { riskViews } from "../views/risk.ts";
import { scannerViews } from "../views/scanner.ts";
import { tradeViews } from "../views/trade.ts";
import { tradesViews } from "../views/trades.ts";
import type { PanelOptions } from "./ports.ts";

/** What answers each route. */
export function handlersOf(options: PanelOptions): Handlers<Routes> {
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
  };
}
