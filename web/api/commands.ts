/** What an operator asks of the desk and of the process around it. */
import { z } from "zod";
import { commandNames } from "../../machines/domain/command.ts";
import type { RouteTable } from "./route.ts";

/** At least 128 bits where it is drawn as it should be. */
export const idempotencyKey = z.string().regex(/^[\w-]{16,64}$/);
/** As many as `machines/domain/command.ts` names, and room. */
const detailsMost = 16;

/** Those that have routes of their own, which take less: a job's arguments could name any file. */
const elsewhere = ["jobStart", "send"] as const;

export const commandBody = z.strictObject({
  name: z.enum(commandNames).exclude(elsewhere),
  target: z.string().max(200).nullable().default(null),
  reason: z.string().max(500).default(""),
  details: z
    .record(z.string().max(32), z.string().max(8_000))
    .refine((each) => Object.keys(each).length <= detailsMost, `wanted at most ${detailsMost}`)
    .default({}),
  /** What the operator saw: the command is refused with 409 where it is so no more. */
  expected: z
    .strictObject({
      /** Ids of all brakes that were on. */
      brakes: z.array(z.string().max(200)).max(500).optional(),
      /** An actor, and the record that last changed it. */
      actor: z
        .strictObject({ name: z.string().max(200), seq: z.number().int().nonnegative() })
        .optional(),
    })
    .default({}),
  /** The same key and body have the same reply for a day, and one effect. */
  idempotencyKey,
});

export const logLevelNames = ["debug", "info", "warn", "error"] as const;
const logView = z.object({
  level: z.enum(logLevelNames),
  /** Lines that could not be written. */
  lost: z.number(),
});

export const commandRoutes = {
  "POST /api/v1/commands": {
    role: "operate",
    summary: "Let a command in; the brakes among them are never held back by a limit",
    changes: "desk",
    body: commandBody,
    reply: z.object({
      /** Whether the desk obeys; what comes of it stands in the journal. */
      done: z.boolean(),
      text: z.string(),
      /** The command's record in the journal. */
      seq: z.number(),
    }),
  },
  "POST /api/v1/configuration/reload": {
    role: "admin",
    summary: "Take up what changed in the configuration's file, where that is safe",
    changes: "desk",
    reply: z.object({ done: z.boolean(), text: z.string() }),
  },
  "GET /api/v1/log/level": {
    role: "view",
    summary: "Show which lines the desk logs",
    changes: "nothing",
    reply: logView,
  },
  "PUT /api/v1/log/level": {
    role: "admin",
    summary: "Set which lines the desk logs, until it ends",
    changes: "panel",
    body: z.strictObject({ level: z.enum(logLevelNames) }),
    reply: logView,
  },
} as const satisfies RouteTable;
