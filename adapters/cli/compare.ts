import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import type { RunReport } from "../../actors/research/mod.ts";
import { factsOf, minute } from "../research/report-words.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

/** The parts of a report without which it is none; the rest is as `backtest --json` wrote it. */
const reportShape = z.looseObject({
  run: z.looseObject({ market: z.string(), configHash: z.string(), seed: z.number() }),
  ledgerHead: z.string(),
  quote: z.string(),
  metrics: z.looseObject({ totalReturn: z.number(), trades: z.number(), feesPaid: z.string() }),
  trades: z.array(z.looseObject({ symbol: z.string(), openedAt: z.number(), profit: z.string() })),
});

/** @throws {CommandError} for a file that is no report */
async function readReport(path: string): Promise<RunReport> {
  const refused = (why: string) =>
    new CommandError(
      `Cannot compare "${path}": ${why}, wanted a report of "novactor backtest --json"`,
      exitCode.usage,
    );
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw refused(cause.message);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw refused("it is no JSON");
  }
  const read = reportShape.safeParse(content);
  if (!read.success) throw refused(`${read.error.issues[0]?.path.join(".")} is missing or other`);
  return content as RunReport;
}

type Trade = RunReport["trades"][number];

const keyOf = ({ lane, openedAt }: Trade): string => `${lane} ${openedAt}`;

/** Trades that both runs made, by lane and time of the entry, and those that one alone made. */
function tradesBeside(first: RunReport, other: RunReport) {
  const theirs = new Map(other.trades.map((trade) => [keyOf(trade), trade]));
  const both = first.trades.filter((trade) => theirs.has(keyOf(trade)));
  const same = both.filter(
    (trade) => JSON.stringify(trade) === JSON.stringify(theirs.get(keyOf(trade))),
  );
  return {
    same: same.length,
    otherwise: both.length - same.length,
    onlyFirst: first.trades.length - both.length,
    onlyOther: other.trades.length - both.length,
  };
}

const width = 26;

/** Runs side by side: what they were, what they came to, and which trades they share. */
export function comparisonText(reports: readonly RunReport[], names: readonly string[]): string {
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(20)}${cells.map((cell) => cell.slice(0, width - 2).padStart(width)).join("")}`;
  const span = ({ from, until }: RunReport) =>
    from === null || until === null
      ? ""
      : `${minute(from).slice(0, 10)} to ${minute(until).slice(0, 10)}`;
  const lines = [
    row(
      "",
      names.map((name) => name.slice(-(width - 2))),
    ),
    row(
      "market",
      reports.map(({ run }) => run.symbols.join(" ")),
    ),
    row("time", reports.map(span)),
    row(
      "candles",
      reports.map(({ candles }) => candles.toLocaleString("en-US")),
    ),
    row(
      "seed",
      reports.map(({ run }) => String(run.seed)),
    ),
    row(
      "configuration",
      reports.map(({ run }) => run.configHash.slice(0, 12)),
    ),
    row(
      "ledger head",
      reports.map(({ ledgerHead }) => ledgerHead.slice(0, 12)),
    ),
  ];
  const [first, ...others] = reports;
  if (!first) return "";
  const facts = reports.map(factsOf);
  for (const group of ["Returns", "Risk", "Trades", "Costs"] as const) {
    lines.push("", `  ${group}`);
    for (const [index, [name]] of (facts[0]?.[group] ?? []).entries()) {
      lines.push(
        row(
          name,
          facts.map((each) => each[group][index]?.[1] ?? ""),
        ),
      );
    }
  }
  lines.push("", `  Trades beside those of ${names[0]}`);
  for (const [index, other] of others.entries()) {
    const { same, otherwise, onlyFirst, onlyOther } = tradesBeside(first, other);
    lines.push(
      `    ${names[index + 1]}: ${same} the same, ${otherwise} entered alike and ended otherwise, ` +
        `${onlyOther} only there, ${onlyFirst} only in the first`,
    );
    lines.push(...warnings(first, other).map((text) => `    ${text}`));
  }
  return lines.join("\n");
}

/** What a reader has to know before taking one run for better than another. */
function warnings(first: RunReport, other: RunReport): string[] {
  const found: string[] = [];
  if (JSON.stringify(first.run.data) !== JSON.stringify(other.run.data)) {
    found.push("they ran on other data: their results do not compare");
  } else if (first.from !== other.from || first.until !== other.until) {
    found.push("they ran over other times: their results do not compare");
  }
  if (first.run.version !== other.run.version) found.push("they are of other versions");
  return found;
}

/** Adds `compare` to the command line. */
export function registerCompareCommand(program: Command): void {
  program
    .command("compare <reports...>")
    .description("runs side by side, from what backtest --json wrote: measures, costs, trades")
    .action(async (paths: string[]) => {
      if (paths.length < 2 || paths.length > 6) {
        const text = `Cannot compare ${paths.length} reports: wanted two to six`;
        throw new CommandError(text, exitCode.usage);
      }
      const reports = await Promise.all(paths.map(readReport));
      console.log(comparisonText(reports, paths));
      process.exitCode = exitCode.ok;
    });
}
