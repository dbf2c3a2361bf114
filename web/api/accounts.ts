/** What each account holds, whose it is, and what ledger and venue do not agree on. */
import { z } from "zod";
import { decimalText, time } from "./desk.ts";
import { entryRow } from "./ledger.ts";
import type { RouteTable } from "./route.ts";

/** One coin. `ledger` = `owned` + `cash` + `dust` + `unmanaged`. */
export const coinRow = z.object({
  coin: z.string(),
  ledger: decimalText,
  /** When the venue was last read; null before the first reading. */
  ledgerThen: decimalText.nullable(),
  venue: decimalText.nullable(),
  /** `venue` less `ledgerThen`. */
  difference: decimalText,
  owned: decimalText,
  cash: decimalText,
  dust: decimalText,
  dustCost: decimalText,
  unmanaged: decimalText,
  /** Held back by working orders: entries in the quote coin, sales in the base coin. */
  held: decimalText,
});

export const foreignOrder = z.object({
  venueOrderId: z.string(),
  clientOrderId: z.string().nullable(),
  symbol: z.string(),
  side: z.enum(["buy", "sell"]),
  type: z.string(),
  quantity: decimalText,
  price: decimalText.nullable(),
  stopPrice: decimalText.nullable(),
  filled: decimalText,
  /** Its id is of the form that desks give. */
  isOfADesk: z.boolean(),
  /** Taken under the desk's care already. */
  isClaimed: z.boolean(),
});

export const accountRow = z.object({
  account: z.string(),
  state: z.enum(["reconciling", "differing", "reconciled"]),
  equity: decimalText,
  quote: z.string(),
  readAt: time.nullable(),
  /** Why it could not be read lately, so many times in a row. */
  unreadable: z.object({ times: z.number(), cause: z.string() }).nullable(),
  coins: z.array(coinRow),
  differences: z.array(
    z.object({ text: z.string(), settledBy: z.string(), coin: z.string().nullable() }),
  ),
  foreignOrders: z.array(foreignOrder),
  /** Openings, deposits, withdrawals and accepted differences, the last ones. */
  movements: z.array(entryRow),
});

export const accountRoutes = {
  "GET /api/v1/accounts": {
    role: "view",
    summary: "Show each account as ledger and venue have it",
    changes: "nothing",
    reply: z.object({ accounts: z.array(accountRow) }),
  },
} as const satisfies RouteTable;
