/** The books: orders, fills, entries and balances, and whether they add up. */
import { z } from "zod";
import { orderRoles, orderStates } from "../../machines/domain/order.ts";
import { decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const filter = {
  account: z.string().max(100).optional(),
  symbol: z.string().max(50).optional(),
  /** Days, UTC, both included: `2026-01-31`. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
};
const orderFilter = {
  ...filter,
  state: z.enum(orderStates).optional(),
  role: z.enum(orderRoles).optional(),
};
const paged = {
  /** As the page before gave it. */
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const orderRow = z.object({
  intentId: z.string(),
  positionId: z.string(),
  account: z.string(),
  symbol: z.string(),
  role: z.enum(orderRoles),
  side: z.enum(["buy", "sell"]),
  type: z.string(),
  quantity: decimalText,
  price: decimalText.nullable(),
  stopPrice: decimalText.nullable(),
  state: z.enum(orderStates),
  filled: decimalText,
  attempts: z.number(),
  venueOrderId: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
});

export const fillRow = z.object({
  tradeId: z.string(),
  account: z.string(),
  symbol: z.string(),
  side: z.enum(["buy", "sell"]),
  price: decimalText,
  quantity: decimalText,
  fee: decimalText,
  feeCoin: z.string(),
  liquidity: z.enum(["maker", "taker"]),
  at: time,
  intentId: z.string(),
  venueOrderId: z.string(),
});

/** What was posted together. */
export const entryRow = z.object({
  entryId: z.string(),
  account: z.string(),
  time,
  cause: z.string(),
  lines: z.array(z.object({ account: z.string(), coin: z.string(), amount: decimalText })),
  /** Whether its lines come to zero in every coin. */
  isBalanced: z.boolean(),
});

export const checkView = z.object({
  state: z.enum(["never", "running", "done", "failed"]),
  /** Rows that were read so far, and that there are. */
  done: z.number(),
  of: z.number(),
  /** Why it failed. */
  error: z.string().nullable(),
  result: z
    .object({
      /** The last journal record that is in it. */
      journalSeq: z.number(),
      /** Over orders, fills, positions and postings, as a run's report says it. */
      ledgerHead: z.string(),
      entries: z.number(),
      postings: z.number(),
      /** Entries whose lines do not come to zero, the first ones. */
      unbalanced: z.array(z.string()),
      trial: z.array(
        z.object({
          account: z.string(),
          ledgerAccount: z.string(),
          coin: z.string(),
          sum: decimalText,
        }),
      ),
      /** Balances that are not the sum of their postings. */
      differing: z.array(
        z.object({
          account: z.string(),
          coin: z.string(),
          balance: decimalText,
          posted: decimalText,
        }),
      ),
    })
    .nullable(),
});

const page = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), next: z.string().nullable() });

export const ledgerRoutes = {
  "GET /api/v1/ledger/orders": {
    role: "view",
    summary: "List orders, the newest first",
    changes: "nothing",
    query: z.strictObject({ ...orderFilter, ...paged }),
    reply: page(orderRow),
  },
  "GET /api/v1/ledger/orders.csv": {
    role: "view",
    summary: "Export all orders that match, as CSV",
    changes: "nothing",
    query: z.strictObject(orderFilter),
    reply: z.string(),
    media: "text/csv; charset=utf-8",
    isStreamed: true,
  },
  "GET /api/v1/ledger/fills": {
    role: "view",
    summary: "List fills, the last booked first",
    changes: "nothing",
    query: z.strictObject({ ...filter, ...paged }),
    reply: page(fillRow),
  },
  "GET /api/v1/ledger/fills.csv": {
    role: "view",
    summary: "Export all fills that match, as CSV",
    changes: "nothing",
    query: z.strictObject(filter),
    reply: z.string(),
    media: "text/csv; charset=utf-8",
    isStreamed: true,
  },
  "GET /api/v1/ledger/entries": {
    role: "view",
    summary: "List entries with their lines: of fills, or of openings, movements and corrections",
    changes: "nothing",
    query: z.strictObject({
      ...filter,
      of: z.enum(["fills", "others"]).default("fills"),
      ...paged,
    }),
    reply: page(entryRow),
  },
  "GET /api/v1/ledger/entries.csv": {
    role: "view",
    summary: "Export the lines of all entries that match, as CSV",
    changes: "nothing",
    query: z.strictObject({ ...filter, of: z.enum(["fills", "others"]).default("fills") }),
    reply: z.string(),
    media: "text/csv; charset=utf-8",
    isStreamed: true,
  },
  "GET /api/v1/ledger/balances": {
    role: "view",
    summary: "List what the ledger says that each account holds",
    changes: "nothing",
    reply: z.object({
      rows: z.array(z.object({ account: z.string(), coin: z.string(), total: decimalText })),
      symbols: z.array(z.string()),
      accounts: z.array(z.string()),
    }),
  },
  "GET /api/v1/ledger/check": {
    role: "view",
    summary: "Tell how far the last check of the books is, and what it found",
    changes: "nothing",
    reply: checkView,
  },
  "POST /api/v1/ledger/check": {
    role: "view",
    summary: "Begin to check that the books add up, unless that is under way",
    changes: "panel",
    body: z.strictObject({}),
    reply: checkView,
  },
} as const satisfies RouteTable;
