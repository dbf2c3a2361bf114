import type { ComponentType } from "preact";
import { Accounts } from "./pages/accounts.tsx";
import { ConfigurationPage } from "./pages/configuration.tsx";
import { Help } from "./pages/help.tsx";
import { Journal } from "./pages/journal.tsx";
import { Ledger } from "./pages/ledger.tsx";
import { Logs } from "./pages/logs.tsx";
import { Machines } from "./pages/machines.tsx";
import { Operators } from "./pages/operators.tsx";
import { Overview } from "./pages/overview.tsx";
import { Research } from "./pages/research.tsx";
import { Risk } from "./pages/risk.tsx";
import { Scanner } from "./pages/scanner.tsx";
import { Trade } from "./pages/trade.tsx";
import { Trades } from "./pages/trades.tsx";

/** A page of the panel: `path` is the first part of its address, the rest is the page's own. */
export interface Page {
  readonly path: string;
  readonly title: string;
  /** The two keys that open it. */
  readonly keys: string;
  readonly content: ComponentType;
}

export const pages: readonly Page[] = [
  { path: "", title: "Overview", keys: "g o", content: Overview },
  { path: "trade", title: "Trade", keys: "g t", content: Trade },
  { path: "scanner", title: "Scanner", keys: "g s", content: Scanner },
  { path: "trades", title: "Trades", keys: "g h", content: Trades },
  { path: "ledger", title: "Ledger", keys: "g b", content: Ledger },
  { path: "risk", title: "Risk", keys: "g k", content: Risk },
  { path: "accounts", title: "Accounts", keys: "g a", content: Accounts },
  { path: "research", title: "Research", keys: "g r", content: Research },
  { path: "machines", title: "Machines", keys: "g m", content: Machines },
  { path: "journal", title: "Journal", keys: "g j", content: Journal },
  { path: "logs", title: "Logs", keys: "g l", content: Logs },
  { path: "configuration", title: "Configuration", keys: "g c", content: ConfigurationPage },
  { path: "operators", title: "Operators", keys: "g u", content: Operators },
  { path: "help", title: "Help", keys: "g e", content: Help },
];
