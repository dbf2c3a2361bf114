interface Stored {
  readonly context: object;
}

/** What brings a stored position from each version to the next one. */
export const positionMigrations: Readonly<Record<number, (snapshot: unknown) => unknown>> = {
  // Version 2 may have a target, and knows whose range trails its stop; before, it was the base's.
  1: (snapshot) => {
    const { context, ...rest } = snapshot as Stored;
    return { ...rest, context: { ...context, targetPrice: null, stopFrame: 0 } };
  },
};
