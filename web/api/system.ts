/** The server itself: what monitors ask, what it can do, and the page. */
import { z } from "zod";
import type { RouteTable } from "./route.ts";

export const systemRoutes = {
  "GET /health": {
    role: "anyone",
    summary: "Say that the process answers",
    changes: "nothing",
    reply: z.object({ ok: z.literal(true), uptimeMs: z.number() }),
  },
  "GET /ready": {
    role: "anyone",
    summary: "Say whether the desk is reconciled and has seen enough to trade; 503 if not",
    changes: "nothing",
    reply: z.object({ ready: z.boolean(), reconciled: z.boolean(), warm: z.boolean() }),
  },
  "GET /heartbeat": {
    role: "anyone",
    summary: "Say when the desk last did something, for a monitor outside",
    changes: "nothing",
    reply: z.object({
      /** Since the desk last wrote a record, and since it last heard a bar; null for not yet. */
      recordAgeMs: z.number().nullable(),
      marketAgeMs: z.number().nullable(),
      seq: z.number(),
      uptimeMs: z.number(),
    }),
  },
  "GET /api/v1/openapi.json": {
    role: "view",
    summary: "Describe every route",
    changes: "nothing",
    reply: z.object({ openapi: z.string() }).catchall(z.unknown()),
  },
} as const satisfies RouteTable;

/** What is answered with something else than a body of its own. */
export const openRoutes = {
  "GET /api/v1/stream": {
    role: "view",
    summary: "Tell of journal records as they come, as server-sent events",
    changes: "nothing",
    reply: z.unknown(),
    media: "text/event-stream",
  },
  "GET /assets/:name": {
    role: "anyone",
    summary: "The page's script and style",
    changes: "nothing",
    reply: z.unknown(),
    media: "text/javascript",
  },
  // The last one: whatever is not the API's is a view of the page.
  "GET /*": {
    role: "anyone",
    summary: "The page",
    changes: "nothing",
    reply: z.unknown(),
    media: "text/html",
  },
} as const satisfies RouteTable;
