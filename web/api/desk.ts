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

const share = z.number();

/** What is heard of an account: by real time or, in a run from files, by the desk's. */
const linkView = z.object({
  account: z.string(),
  state: z.enum(["reconciling", "differing", "reconciled"]),
  /** What is wrong with it, in words; null where nothing is. */
  fault: z.string().nullable(),
  /** Age of the oldest of its symbols' last bars, milliseconds since it closed; null before the first. */
  dataAgeMs: z.number().nullable(),
  dataAgeOf: z.string().nullable(),
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
  /** What positions have cost and entries may cost; null where a price is not known. */
  exposure: decimalText.nullable(),
  exposureCap: decimalText.nullable(),
  day: z.object({
    pnl: z.number(),
    start: z.number(),
    /** Share of the day's first equity lost, negative for a gain: of the account nearest its limit. */
    lossShare: share,
    lossLimit: share,
    account: z.string(),
  }),
  links: z.array(linkView),
  /** What is known of the clock, in words; null where nothing compared it. */
  clock: z.string().nullable(),
  openPositions: z.number(),
  journalSeq: z.number(),
  alarms: z.number(),
  lastAlarm: z.string().nullable(),
  version: z.string(),
  uptimeMs: z.number(),
});

/** Commands whose consequences can be foretold. */
export const foretold = ["pause", "flatten", "halt", "resume"] as const;

export const consequenceView = z.object({
  /** In whole sentences: what is said before it is confirmed. */
  text: z.string(),
  mode: z.enum(["paper", "rehearsal", "live"]),
  /** Working entries that will be cancelled. */
  entries: z.number(),
  /** Positions that will be sold, and what they are worth at the last price, quote coin. */
  positions: z.number(),
  notional: decimalText,
  /** Brakes that are on now. */
  brakes: z.array(z.string()),
  journalSeq: z.number(),
});

export const deskRoutes = {
  "GET /api/v1/strip": {
    role: "view",
    summary: "Show what every page shows of the desk",
    changes: "nothing",
    reply: stripView,
  },
  "GET /api/v1/consequences/:command": {
    role: "view",
    summary: "Say what pause, flatten, halt or resume would do now",
    changes: "nothing",
    reply: consequenceView,
  },
} as const satisfies RouteTable;
