import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Credentials,
  type Rehearsal,
  type RehearsalSpeed,
  type RehearsalVenueName,
  rehearsalVenues,
  startRehearsal,
} from "../venues/rehearsal/mod.ts";
import { CommandError, exitCode } from "./exit-codes.ts";
import { namedFileRequests } from "./file-names.ts";
import { openCandleFiles } from "./sources.ts";

interface ServeOptions {
  readonly venue: RehearsalVenueName;
  readonly port: number;
  readonly controlPort: number;
  readonly candles: readonly string[];
  readonly symbol: readonly string[];
  readonly timeframe: readonly string[];
  readonly speed: RehearsalSpeed;
  readonly seed: number;
}

const collect = (value: string, before: readonly string[]) => [...before, value];

function wholeNumber(most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value <= most) return value;
    throw new InvalidArgumentError(`Wanted a whole number from 0 to ${most}.`);
  };
}

function speedOf(text: string): RehearsalSpeed {
  if (text === "lockstep") return "lockstep";
  const value = Number(text);
  if (value > 0 && value <= 1e6) return value;
  throw new InvalidArgumentError('Wanted "lockstep", or how many times faster than real time.');
}

/** What is wrong with the options that go together, or the candle source that they name. */
async function sourceOf({ candles, symbol, timeframe }: ServeOptions) {
  if (candles.length + symbol.length + timeframe.length === 0) return undefined;
  const { source, notes } = await openCandleFiles(namedFileRequests(candles, symbol, timeframe));
  for (const note of notes) console.error(note);
  return source;
}

/** Serves a rehearsal venue until it is told to end. */
async function serve(options: ServeOptions): Promise<number> {
  const { venue, port, controlPort, speed, seed } = options;
  const source = await sourceOf(options);
  const ended = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const market = source === undefined ? {} : { source };
  const terms = { venue, port, controlPort, speed, seed: String(seed), ...market };
  await using rehearsal = await startRehearsal(terms).catch((cause: unknown) => {
    if (cause instanceof RangeError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const text = `Cannot serve on ports ${port} and ${controlPort}: ${reason}`;
    throw new CommandError(text, exitCode.failure, { cause });
  });
  const { apiKey, secret } = keyOf(venue, rehearsal);
  console.log(`apiKey: ${apiKey}`);
  console.log(`secret: ${secret}`);
  console.log(`symbols: ${rehearsal.symbols.join(", ")}`);
  console.log(`listening: ${rehearsal.url}`);
  console.log(`control: ${rehearsal.controlUrl}`);
  await ended;
  for (const problem of rehearsal.control.problems) console.error(problem);
  return rehearsal.control.problems.length === 0 ? exitCode.ok : exitCode.failure;
}

/** A key that clients take as it is printed: of a PEM they want the ends of the lines put back. */
function keyOf(venue: RehearsalVenueName, rehearsal: Rehearsal): Credentials {
  return venue === "coinbase" ? rehearsal.control.createKey({ algorithm: "EdDSA" }) : rehearsal;
}

/** Adds `venue serve` to the command line. */
export function registerVenueCommand(program: Command): void {
  program
    .command("venue")
    .description("a rehearsal venue: made-up money behind a real venue's wire format")
    .command("serve")
    .description(
      "serve it on 127.0.0.1 until stopped; any client of the venue can be pointed at it",
    )
    .addOption(
      new Option("--venue <name>", "whose wire format it speaks")
        .choices(rehearsalVenues)
        .makeOptionMandatory(),
    )
    .option("--port <n>", "HTTP and WebSocket; 0 for a free one", wholeNumber(65_535), 0)
    .option(
      "--control-port <n>",
      "faults, time and record; 0 for a free one",
      wholeNumber(65_535),
      0,
    )
    .option(
      "--candles <files...>",
      "CSV of candles, plain or gzip, such as btc-usd-1m.csv",
      collect,
      [],
    )
    .option("--symbol <symbol>", "what a file holds, where its name does not say it", collect, [])
    .option("--timeframe <time>", "what its candles span, such as 1m", collect, [])
    .option("--speed <n>", "times real time, or lockstep: only control moves it", speedOf, 1)
    .option("--seed <n>", "of generated prices, ids and keys", wholeNumber(2 ** 53 - 1), 0)
    .action(async (options: ServeOptions) => {
      process.exitCode = await serve(options);
    });
}
