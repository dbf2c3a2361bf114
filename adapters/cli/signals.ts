/** The first signal drains; more of them while it does change nothing. */
export function drainOnSignals(drain: (signal: string) => void): { stop(): void } {
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.on(name, drain);
  return {
    stop() {
      for (const name of names) process.off(name, drain);
    },
  };
}
