import type { OrderContext } from "./order.types.ts";

interface Stored {
  readonly value: string | { readonly live: Readonly<Record<string, unknown>> };
  readonly context: OrderContext;
}

/** What brings a stored order from each version to the next one. */
export const orderMigrations: Readonly<Record<number, (snapshot: unknown) => unknown>> = {
  // Version 2 looks at a working entry every now and then; those from before it begin to at once.
  1: (snapshot) => {
    const { value, context, ...rest } = snapshot as Stored;
    const watched = typeof value === "string" ? value : { live: { ...value.live, watch: "unset" } };
    const settings = { ...context.settings, workingCheckMs: 5_000 };
    return { ...rest, value: watched, context: { ...context, settings } };
  },
};
