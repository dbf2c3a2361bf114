/** Lets a run that has ended settle what is still in doubt: time goes on, prices do not. */
import type { AnyMachineSnapshot } from "xstate";
import { compose } from "../../adapters/cli/compose.ts";
import { sourceSpace } from "../../adapters/simulation/market-run.ts";
import { LedgerReader } from "../../adapters/store/reader.ts";
import { type MarketRun, partsOf } from "./market-run.ts";

const hourMs = 3_600_000;

/** Virtual hours after which everything must be settled, whatever the venue loses. */
const hoursMax = 6;

/**
 * Opens a run's ledger in this process and lets timers fire and replies, reports and late orders
 * come in, without any bar, until no order is in doubt and the account is reconciled. Returns how
 * many virtual hours that took.
 *
 * @throws if something is still in doubt after {@link hoursMax}.
 */
export async function letSettle(run: MarketRun, ledgerFile: string): Promise<number> {
  let doubts: readonly string[] = [];
  for (let hours = 1; hours <= hoursMax; hours += 1) {
    doubts = await passAnHour(run, ledgerFile);
    if (doubts.length === 0) return hours;
  }
  throw new Error(
    `Cannot settle "${run.name}" within ${hoursMax} virtual hours: ${doubts.join(", ")}`,
  );
}

/** What is in doubt an hour later. */
async function passAnHour(run: MarketRun, ledgerFile: string): Promise<readonly string[]> {
  const { source, config } = await partsOf(run);
  const openedAt = lastTime(ledgerFile) + hourMs;
  // One candle, an hour ahead: it is what time passes towards, and it never gets there.
  const flat = { open: 1, high: 1, low: 1, close: 1, volume: 0 };
  const cursor = (symbol: string) => ({
    next: () => ({ symbol, openedAt, timeframeMs: hourMs, ...flat }),
  });
  using parts = compose({
    config,
    source: { ...source, cursor },
    ledgerFile,
    pace: () => ({
      until() {
        parts.run.stop();
        return null;
      },
    }),
    until: null,
    reached: () => {},
    onBar: () => {
      throw new Error("Cannot let time pass without bars: one came in");
    },
  });
  await parts.desk.start(() => parts.run.takeReports());
  await parts.run.run();
  return [...parts.desk.actors()]
    .filter(([name, actor]) => isInDoubt(name, actor))
    .map(([name, { value }]) => `${name} is ${JSON.stringify(value)}`);
}

/** Where the run's own clock stood when its last commit was made. */
function lastTime(ledgerFile: string): number {
  using reader = new LedgerReader(ledgerFile);
  return reader.state(sourceSpace).get("time") as number;
}

function isInDoubt(name: string, actor: AnyMachineSnapshot): boolean {
  if (name.startsWith("account:")) return !actor.hasTag("trading");
  if (!name.startsWith("order:")) return false;
  const isBehind = actor.matches({ live: { books: "behind" } } as never);
  return isBehind || actor.hasTag("unknown") || actor.hasTag("inFlight");
}
