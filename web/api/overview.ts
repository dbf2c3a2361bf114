/** The desk at a glance. Money in the desk's quote coin; statistics in floats, never booked. */
import { z } from "zod";
import { decisionCodes } from "../../machines/domain/decision.ts";
import { decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

/** Closed trades below which a share or a ratio says nothing. */
export const leastTrades = 10;

const kpiView = z.object({
  realised: z.number(),
  unrealised: z.number(),
  fees: z.number(),
  trades: z.number(),
  /** Closed trades of other quote coins, which are not counted here. */
  otherTrades: z.number(),
  /** Null below the least number of trades; so are the others of them. */
  winRate: z.number().nullable(),
  profitFactor: z.number().nullable(),
  expectancy: z.number().nullable(),
  leastTrades: z.number(),
  /** Fall from the highest equity, as a share of it: now, and the largest so far. */
  drawdown: z.number(),
  maxDrawdown: z.number(),
});

const openPosition = z.object({
  positionId: z.string(),
  /** Of its machine. */
  actor: z.string(),
  lane: z.string(),
  account: z.string(),
  state: z.string(),
  quantity: decimalText,
  entryPrice: z.number().nullable(),
  price: decimalText.nullable(),
  worth: z.number().nullable(),
  unrealised: z.number().nullable(),
  /** Of what it cost. */
  unrealisedShare: z.number().nullable(),
  stopPrice: decimalText,
  /** Whether a stop is known to rest at the venue. */
  isProtected: z.boolean(),
  /** How far the price may fall to its stop, as a share of the price. */
  stopDistance: z.number().nullable(),
  openedAt: time.nullable(),
});

const alertView = z.object({
  tone: z.enum(["bad", "warn"]),
  text: z.string(),
  /** Where in the panel more is told. */
  link: z.string().nullable(),
});

const decisionView = z.object({
  lane: z.string(),
  at: time,
  outcome: z.enum(["trade", "noTrade"]),
  code: z.enum(decisionCodes),
  gate: z.object({ name: z.string(), value: z.string(), limit: z.string() }).nullable(),
});

const calendarDay = z.object({
  /** `2026-01-31`, UTC. */
  day: z.string(),
  pnl: z.number(),
  trades: z.number(),
});

export const overviewRoutes = {
  "GET /api/v1/overview": {
    role: "view",
    summary: "Show the desk at a glance: figures, curve, open positions, latest decisions, alerts",
    changes: "nothing",
    reply: z.object({
      at: time,
      quote: z.string(),
      equity: decimalText,
      exposure: decimalText.nullable(),
      exposureCap: decimalText.nullable(),
      /** What equity was when the day began (UTC), and its change. */
      day: z.object({ start: z.number(), pnl: z.number() }),
      kpi: kpiView,
      /** Time, equity, and its fall from the highest before as a share: thinned, oldest first. */
      curve: z.array(z.tuple([time, z.number(), z.number()])),
      positions: z.array(openPosition),
      decisions: z.array(decisionView),
      alerts: z.array(alertView),
    }),
  },
  "GET /api/v1/calendar": {
    role: "view",
    summary: "Show what was realised each day of a month",
    changes: "nothing",
    query: z.strictObject({
      /** `2026-01`; the desk's present month where left out. */
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
        .optional(),
    }),
    reply: z.object({
      month: z.string(),
      quote: z.string(),
      /** Months with closed trades, the first and the last; null before the first trade. */
      first: z.string().nullable(),
      last: z.string().nullable(),
      today: z.string(),
      days: z.array(calendarDay),
    }),
  },
} as const satisfies RouteTable;
