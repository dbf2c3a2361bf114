import { z } from "zod";
import { time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const levels = ["debug", "info", "warn", "error"] as const;

export const logLine = z.object({
  /** Rises by one with each line of this process. */
  id: z.number(),
  /** By the machine's clock. */
  writtenAt: time,
  level: z.enum(levels),
  event: z.string(),
  message: z.string(),
  actor: z.string().nullable(),
  account: z.string().nullable(),
  correlation: z.string().nullable(),
  /** The journal's record that tells it whole. */
  seq: z.number().nullable(),
  details: z.unknown(),
});

export const logRoutes = {
  "GET /api/v1/logs": {
    role: "view",
    summary: "Show the last lines of this process's log, newest first; from info on",
    changes: "nothing",
    query: z.strictObject({
      /** The least important level that is wanted. */
      level: z.enum(levels).default("info"),
      /** Part of an actor's name. */
      actor: z.string().max(200).optional(),
      /** Part of the message or the event's name. */
      text: z.string().max(200).optional(),
      /** Only lines before this one: the last of the page before. */
      before: z.coerce.number().int().positive().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
    reply: z.object({
      lines: z.array(logLine),
      more: z.boolean(),
      /** The least important level that the log itself writes. */
      level: z.enum(levels),
      /** Lines that could not be written. */
      lost: z.number(),
    }),
  },
} as const satisfies RouteTable;
