import { z } from "zod";
import { time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const difference = z.object({ path: z.string(), from: z.string(), to: z.string() });

export const configurationRoutes = {
  "GET /api/v1/configuration": {
    role: "view",
    summary: "Show the configuration in force: each value, where it comes from, what would change",
    changes: "nothing",
    reply: z.object({
      settings: z.array(
        z.object({
          path: z.string(),
          value: z.string(),
          origin: z.string(),
          isDefault: z.boolean(),
          about: z.string(),
          changes: z.string(),
        }),
      ),
      /** Names alone: no value of a secret is known here. */
      secrets: z.array(z.object({ name: z.string(), origin: z.string() })),
      /** What reading the file and the environment again would do. */
      pending: z.object({
        changes: z.array(difference.extend({ effect: z.string(), why: z.string().nullable() })),
        problem: z.string().nullable(),
      }),
      /** What changed on this ledger, newest first. */
      history: z.array(
        z.object({ seq: z.number(), at: time, text: z.string(), changes: z.array(difference) }),
      ),
    }),
  },
} as const satisfies RouteTable;
