import { timeframeMs } from "../../machines/domain/market.ts";
import { FetchError, type FetchOutcome, fetchCandles } from "../research/candle-fetch.ts";
import { CandleStore } from "../research/candle-store.ts";
import { readSeriesName, type SeriesKey, seriesName } from "../research/series-key.ts";
import { joinedSpans, type Span } from "../research/spans.ts";
import { gapLines, gapsIn } from "./data-gaps.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { openPast } from "./past-market.ts";
import { drainOnSignals } from "./signals.ts";
import { minuteText } from "./times.ts";
import { waitMs, waitUnless } from "./waiting.ts";

export interface FetchOptions {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly since: number;
  readonly until?: number;
  /** Where the venue's REST is, if not at its own address. */
  readonly rest?: string;
  readonly store: string;
}

/** Tries in vain, one after another, before it gives up: some five minutes. */
const triesMost = 12;

/**
 * `novactor data fetch`: candles of a venue into the store. Resolves to the exit code: of a run that
 * was stopped too, for the same command goes on.
 *
 * @throws {CommandError} for what the venue does not have, and where it cannot be reached
 */
export async function dataFetch(options: FetchOptions): Promise<number> {
  const { venue, symbol, timeframe, rest } = options;
  const key = readSeriesName(`${venue}/${symbol}/${timeframe}`);
  const stepMs = timeframeMs(timeframe);
  const span = spanOf(options, stepMs);
  const store = new CandleStore(options.store);
  let isStopped = false;
  const signals = drainOnSignals(() => {
    isStopped = true;
  });
  const progress = new FetchProgress(seriesName(key), span);
  const onTrouble = async (text: string, tries: number): Promise<boolean> => {
    if (tries + 1 >= triesMost) return false;
    progress.say(`${venue}: ${text}; trying again in ${waitMs(tries) / 1_000} s`);
    await waitUnless(() => isStopped, waitMs(tries));
    return true;
  };
  try {
    const onNotice = (text: string) => progress.say(text);
    const market = await openPast(key, { ...(rest && { rest }), onNotice, onTrouble });
    const outcome = await fetchCandles({
      ...{ market, store, key, timeframeMs: stepMs, span, onTrouble },
      isStopped: () => isStopped,
      onPage: (through, candles) => progress.page(through, candles),
    });
    progress.end();
    await tell(store, key, { span, stepMs, outcome });
    return exitCode.ok;
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    throw new CommandError(error.message, exitCode.badData, { cause: error });
  } finally {
    signals.stop();
  }
}

function spanOf({ since, until, symbol }: FetchOptions, stepMs: number): Span {
  const now = Date.now();
  const onGrid = (at: number) => Math.floor(at / stepMs) * stepMs;
  const span: Span = [onGrid(since), onGrid(Math.min(until ?? now, now))];
  if (span[0] < span[1]) return span;
  const [from, to] = [since, until ?? now].map((at) => new Date(at).toISOString());
  throw new CommandError(
    `Cannot fetch candles of ${symbol} from ${from} until ${to}: wanted an earlier "--since"`,
    exitCode.usage,
  );
}

/** What was fetched, and what is missing in it. */
async function tell(
  store: CandleStore,
  key: SeriesKey,
  { span, stepMs, outcome }: { span: Span; stepMs: number; outcome: FetchOutcome },
): Promise<void> {
  const { candles, ended, notKept, through } = outcome;
  const name = seriesName(key);
  console.log(
    `${name}: ${candles.toLocaleString("en-US")} candles fetched, in ${store.pathOf(key)}`,
  );
  if (ended === "stopped") {
    console.log(`  stopped at ${minuteText(through)}: the same command goes on from there`);
  }
  for (const [from, until] of joinedSpans(notKept)) {
    const count = (until - from) / stepMs;
    console.log(
      `  ${key.venue} does not tell ${count.toLocaleString("en-US")} candles from ` +
        `${minuteText(from)} to ${minuteText(until)}`,
    );
  }
  const index = await store.index(key);
  if (index === null || index.months.length === 0) return;
  const { columns } = await store.read(key);
  const gaps = index.covered.flatMap(([from, until]) => {
    const within: Span = [Math.max(from, span[0]), Math.min(until, span[1])];
    return within[0] < within[1] ? gapsIn(columns.openedAt, within, stepMs) : [];
  });
  for (const line of gapLines(gaps, stepMs)) console.log(line);
  if (gaps.length > 0) console.log("  in these nothing was traded, as the venue tells it");
}

/** How far a fetch is: redrawn on a terminal, a line for each page elsewhere. */
class FetchProgress {
  private isDrawn = false;

  constructor(
    private readonly name: string,
    private readonly span: Span,
  ) {}

  page(through: number, candles: number): void {
    const share = Math.round(((through - this.span[0]) / (this.span[1] - this.span[0])) * 100);
    const text =
      `${this.name} through ${minuteText(through)}: ` +
      `${candles.toLocaleString("en-US")} candles, ${share} %`;
    if (!process.stderr.isTTY) {
      console.error(text);
      return;
    }
    this.isDrawn = true;
    process.stderr.write(`\r\u001b[K${text}`);
  }

  say(text: string): void {
    this.end();
    console.error(text);
  }

  end(): void {
    if (this.isDrawn) process.stderr.write("\n");
    this.isDrawn = false;
  }
}
