/** Who is let in, how, and what they did. Times are Unix milliseconds of the machine's clock. */
import { z } from "zod";
import { roles } from "../../machines/domain/command.ts";
import { actionOutcomes, operatorName } from "../../machines/domain/operator.ts";
import { time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const role = z.enum(roles);
/** Long enough for any key of ours, too short to keep a hash busy. */
const keyText = z.string().min(1).max(200);

export const sessionView = z.object({
  name: z.string(),
  role,
  /** To be sent back as `X-Novactor-Token` with whatever changes something; null for a key. */
  token: z.string().nullable(),
  /** When it ends at the latest; null for a key. */
  endsAt: time.nullable(),
  /** After which it ends if it is not used. */
  idleMs: z.number().nullable(),
});

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  role,
  createdAt: time,
  usedAt: time.nullable(),
  revokedAt: time.nullable(),
});

export const sessionRow = z.object({
  id: z.string(),
  name: z.string(),
  role,
  from: z.string(),
  createdAt: time,
  seenAt: time,
  endsAt: time,
  /** Whether it is the one that asks. */
  isOwn: z.boolean(),
});

export const actionRow = z.object({
  id: z.number(),
  at: time,
  who: z.string(),
  role,
  what: z.string(),
  target: z.string().nullable(),
  from: z.string(),
  outcome: z.enum(actionOutcomes),
  text: z.string(),
});

const done = z.object({ done: z.literal(true) });

/** Those that read or set the cookie are answered by the server itself. */
export const sessionRoutes = {
  "POST /api/v1/session": {
    role: "anyone",
    summary: "Sign in with a key: sets the cookie of a new session",
    changes: "panel",
    body: z.strictObject({
      key: keyText,
      /** For a browser that does not keep a Secure cookie of plain HTTP on loopback. */
      isPlain: z.boolean().optional(),
    }),
    reply: sessionView,
  },
  "DELETE /api/v1/session": {
    role: "view",
    summary: "Sign out: ends the session that asks",
    changes: "panel",
    reply: done,
  },
} as const satisfies RouteTable;

export const operatorRoutes = {
  "GET /api/v1/session": {
    role: "view",
    summary: "Show who asks, and what a page must send along to change something",
    changes: "nothing",
    reply: sessionView,
  },
  "GET /api/v1/sessions": {
    role: "admin",
    summary: "List the sessions that have not ended",
    changes: "nothing",
    reply: z.object({ sessions: z.array(sessionRow) }),
  },
  "DELETE /api/v1/sessions/:id": {
    role: "admin",
    summary: "End a session",
    changes: "panel",
    reply: done,
  },
  "GET /api/v1/keys": {
    role: "admin",
    summary: "List the keys, revoked ones too; what lets in is not shown",
    changes: "nothing",
    reply: z.object({ keys: z.array(keyView) }),
  },
  "POST /api/v1/keys": {
    role: "admin",
    summary: "Create a key; what lets in is in the reply and nowhere else",
    changes: "panel",
    body: z.strictObject({
      name: z.string().regex(operatorName, "wanted up to 32 letters, digits, blanks or . _ -"),
      role,
    }),
    reply: keyView.extend({ key: z.string() }),
  },
  "DELETE /api/v1/keys/:id": {
    role: "admin",
    summary: "Revoke a key, and end its sessions; the last key of an admin stays",
    changes: "panel",
    reply: done,
  },
  "GET /api/v1/actions": {
    role: "admin",
    summary: "List who did what, newest first: over the panel, by keys, and in the shell",
    changes: "nothing",
    query: z.strictObject({
      who: z.string().max(64).optional(),
      what: z.string().max(64).optional(),
      outcome: z.enum(actionOutcomes).optional(),
      before: z.coerce.number().int().positive().optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ actions: z.array(actionRow), more: z.boolean() }),
  },
} as const satisfies RouteTable;
