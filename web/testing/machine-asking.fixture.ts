/** Asks the visualiser's views as the server does. */
import { expect } from "bun:test";
import type { z } from "zod";
import { machineRoutes } from "../api/machines.ts";
import { RouteError } from "../api/route.ts";
import type { machineViews } from "../views/machines.ts";

type Key = keyof typeof machineRoutes;
type Reply<K extends Key> = z.output<(typeof machineRoutes)[K]["reply"]>;

export type MachineAsk = <K extends Key>(
  key: K,
  given?: { readonly params?: object; readonly query?: object; readonly body?: object },
) => Promise<Reply<K>>;

const who = { name: "ada", role: "operate" } as const;

/** Everything is checked: what is asked, and the reply by its own schema, with nothing more in it. */
export function askOf(views: ReturnType<typeof machineViews>): MachineAsk {
  return async (key, { params = {}, query = {}, body } = {}) => {
    const spec = machineRoutes[key] as { query?: z.ZodType; body?: z.ZodType; reply: z.ZodObject };
    const handler = views[key] as unknown as (asked: object) => unknown;
    const reply = await handler({
      ...{ params, who },
      query: spec.query?.parse(query),
      body: spec.body?.parse(body),
    });
    expect(JSON.parse(JSON.stringify(reply))).toEqual(reply as never);
    return spec.reply.strict().parse(reply) as never;
  };
}

/** How something was refused. @throws {Error} where it was not */
export async function refusal(asked: Promise<unknown>): Promise<RouteError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RouteError)) throw new Error(`It was not refused: ${error}`);
  return error;
}
