/** The desk as a whole: what every page shows above its own. */
import { z } from "zod";
import { brakeKinds } from "../../machines/domain/brake.ts";
import type { RouteTable } from "./route.ts";

/** An exact number as text. */
export const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/);
/** Unix milliseconds. */
export const time = z.number();

export const brakeView = z.object({
  brakeId: z.string(),
  kind: z.enum(brakeKinds),
  scope: z.string(),
  reason: z.string(),
  since: time,
  releasedBy: z.string(),
});

/** The status strip. Money in the desk's quote coin. */
export const stripView = z.object({
  mode: z.enum(["paper", "rehearsal", "live"]),
  /** Whose prices these are, in words. */
  market: z.string(),
  state: z.enum(["reconciling", "running", "braked"]),
  brakes: z.array(brakeView),
  /** The desk's time; virtual in a run from files. */
  at: time,
  quote: z.string(),
  equity: decimalText,
  openPositions: z.number(),
  journalSeq: z.number(),
  alarms: z.number(),
  lastAlarm: z.string().nullable(),
  version: z.string(),
  uptimeMs: z.number(),
});

export const deskRoutes = {
  "GET /api/v1/strip": {
    role: "view",
    summary: "Show what every page shows of the desk",
    changes: "nothing",
    reply: stripView,
  },
} as const satisfies RouteTable;
