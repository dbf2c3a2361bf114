/** Lets a run that has ended settle what is still in doubt: time goes on, prices do not. */
import { compose } from "../../adapters/cli/compose.ts";
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
  const paused = {
    ...source,
    // One candle, an hour ahead: it is what time passes towards, and never gets there.
    cursor: (symbol: string) => {
      const candle = {
        ...{ symbol, openedAt: parts.clock.now() + hourMs, timeframeMs: hourMs },
        ...{ open: 1, high: 1, low: 1, close: 1, volume: 0 },
      };
      return { next: () => candle };
    },
  };
  const { CandleRun } = await import("../../adapters/simulation/candle-run.ts");
  void CandleRun;
  using parts = compose({
    config,
    source: paused,
    ledgerFile,
    pace: {
      until() {
        parts.run.stop();
        return null;
      },
    },
    until: null,
    reached: () => {},
    onBar: () => {
      throw new Error("Cannot let time pass without bars: one came in");
    },
  });
  await parts.desk.start(() => parts.run.takeReports());
  await parts.run.run();
  const doubts: string[] = [];
  for (const [name, actor] of parts.desk.actors()) {
    const isOrderInDoubt = name.startsWith("order:") && (actor.hasTag("unknown") || actor.hasTag("inFlight"));
    const isUnreconciled = name.startsWith("account:") && !actor.hasTag("trading");
    if (isOrderInDoubt || isUnreconciled) doubts.push(`${name} is ${JSON.stringify(actor.value)}`);
  }
  return doubts;
}
