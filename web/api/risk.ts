/** Limits and their use, what stops new exposure, and what is in doubt. */
import { z } from "zod";
import { brakeView, decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

/** What an account may do, and how much of that is taken. Money in `quote`. */
export const accountRisk = z.object({
  account: z.string(),
  quote: z.string(),
  equity: decimalText,
  openPositions: z.number(),
  positionCap: z.number(),
  /** Shares of equity: lost if a stop is hit, and at most in one position. */
  riskShare: z.number(),
  maxShare: z.number(),
  /** The largest position's value as a share of equity; null without one. */
  largestShare: z.number().nullable(),
  /** Of the day's first equity, lost so far (negative for a gain), and the most that may be. */
  dayLoss: z.number(),
  dayLossMost: z.number(),
  dayPnl: decimalText,
  /** Lost if every stop that is wanted were hit now, a share of equity; null if not known. */
  stopRisk: z.number().nullable(),
  /** Value of what positions hold at the last price, by symbol. */
  symbols: z.array(
    z.object({
      symbol: z.string(),
      value: decimalText,
      share: z.number(),
      positions: z.number(),
    }),
  ),
});

/** Cost of positions and working entries over all accounts of one quote coin. */
export const exposureView = z.object({
  quote: z.string(),
  /** Null where a working buy has no price that is known. */
  exposure: decimalText.nullable(),
  /** Null where none is set. */
  cap: decimalText.nullable(),
});

export const breakerRow = z.object({
  /** Id of the brake that it puts on. */
  brakeId: z.string(),
  actor: z.string(),
  rule: z.string(),
  scope: z.string(),
  state: z.enum(["closed", "open", "halfOpen"]),
  /** What it trips at, in words. */
  limit: z.string(),
  /** What it counts now, in words; null where it counts nothing. */
  counts: z.string().nullable(),
  trips: z.number(),
  reason: z.string().nullable(),
  openedAt: time.nullable(),
  releasedBy: z.string(),
});

export const coolDownRow = z.object({
  actor: z.string(),
  lane: z.string(),
  account: z.string(),
  /** Null where its timer is not known. */
  until: time.nullable(),
});

/** An order whose fate is not known. */
export const doubtRow = z.object({
  intentId: z.string(),
  clientOrderId: z.string(),
  venueOrderId: z.string().nullable(),
  since: time,
  lookUps: z.number(),
});

export const riskView = z.object({
  at: time,
  exposures: z.array(exposureView),
  accounts: z.array(accountRisk),
  brakes: z.array(
    brakeView.extend({
      /** Why `release` would be refused; null where it would be obeyed. */
      releaseRefused: z.string().nullable(),
    }),
  ),
  breakers: z.array(breakerRow),
  coolDowns: z.array(coolDownRow),
  doubts: z.array(doubtRow),
  /** What `hold` takes. */
  scopes: z.array(z.string()),
});

export const riskRoutes = {
  "GET /api/v1/risk": {
    role: "view",
    summary: "Show limits and their use, brakes, breakers, cool-downs and doubts",
    changes: "nothing",
    reply: riskView,
  },
} as const satisfies RouteTable;
