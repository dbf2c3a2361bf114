/** All lanes side by side: what each sees, and why it trades or does not. */
import { z } from "zod";
import { decisionCodes } from "../../machines/domain/decision.ts";
import { decimalText, time } from "./desk.ts";
import type { RouteTable } from "./route.ts";
import { decisionView } from "./trade.ts";

const direction = z.union([z.literal(-1), z.literal(0), z.literal(1)]);

/** One strategy's vote in one frame: its direction by its strength, -1 to 1; null for no vote yet. */
const voteCell = z.object({
  strategy: z.string(),
  frame: z.string(),
  value: z.number().nullable(),
});

export const scannedLane = z.object({
  lane: z.string(),
  symbol: z.string(),
  account: z.string(),
  quote: z.string(),
  /** The scanner's actor. */
  actor: z.string(),
  state: z.string(),
  /** When its cool-down ends; null without one. */
  coolsUntil: time.nullable(),
  price: decimalText.nullable(),
  /** Share of change since `changeSince`; null where no older bar is at hand. */
  change: z.number().nullable(),
  changeSince: time.nullable(),
  lastClosedAt: time.nullable(),
  /** Base bars heard of those that are needed. */
  bars: z.number(),
  warmup: z.number(),
  isWarm: z.boolean(),
  /** Of each frame, the base first. */
  regimes: z.array(z.object({ frame: z.string(), regime: z.string() })),
  leaning: direction,
  confidence: z.number().nullable(),
  votes: z.array(voteCell),
  decision: decisionView.nullable(),
  position: z
    .object({ positionId: z.string(), state: z.string(), quantity: decimalText })
    .nullable(),
  unknownOrders: z.number(),
  quarantined: z.array(z.string()),
});

export const scannerView = z.object({
  /** The desk's time. */
  at: time,
  lanes: z.array(scannedLane),
  /** Strategies that their own results switched off. */
  off: z.array(
    z.object({ strategy: z.string(), reason: z.string().nullable(), until: time.nullable() }),
  ),
  /** How many decisions came out under each code, most frequent first. */
  codes: z.array(z.object({ code: z.enum(decisionCodes), words: z.string(), count: z.number() })),
  decisions: z.number(),
});

export const scannerRoutes = {
  "GET /api/v1/scanner": {
    role: "view",
    summary: "Show every lane with its votes and its latest decision",
    changes: "nothing",
    reply: scannerView,
  },
} as const satisfies RouteTable;
