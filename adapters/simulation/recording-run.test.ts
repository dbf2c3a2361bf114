/** Whole runs over recordings, by the command line as an operator gives it. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeskProcess } from "../../test/kill/desk-process.ts";
import { realRecordings, writeRecording } from "../market/recording.fixture.ts";

// Each test starts several processes; how long that takes is the machine's business.
setDefaultTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), "recording-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly candles: number;
  readonly orders: number;
  readonly trades: number;
  readonly journalHead: string;
  readonly ledgerHead: string;
}

let ledgers = 0;
const newLedger = () => join(folder, `${++ledgers}.db`);

/** Costs of nothing, and little to wait for: five minutes of seconds, in which a price hardly moves. */
const eager = [
  ...["matching.fees.maker=0", "matching.fees.taker=0"],
  ...["strategy.frames=1, 3", "strategy.confluence.frameBonus=1, 1.3"],
  ...["strategy.confluence.minStrategies=2", "strategy.confluence.minConfidence=0.4"],
  "strategy.regime.usual=50",
].flatMap((each) => ["--set", each]);

function startArgs(files: readonly string[], ledger: string): string[] {
  const recordings = files.flatMap((file) => ["--recording", file]);
  return [
    ...["start", "--market", "recording", ...recordings, "--timeframe", "1s"],
    ...[...eager, "--speed", "max", "--db", ledger, "--json"],
  ];
}

async function reportOf(files: readonly string[], ledger = newLedger()): Promise<Report> {
  await using desk = new DeskProcess(startArgs(files, ledger));
  const { code, out, err } = await desk.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Report;
}

/** Starts again and again, killed at the named moments, until it comes to the end. */
async function reportThroughKills(files: readonly string[], crashes: readonly string[]) {
  const ledger = newLedger();
  for (const crash of crashes) {
    await using desk = new DeskProcess(startArgs(files, ledger), { NOVACTOR_CRASH: crash });
    const { signal } = await desk.ended;
    expect({ crash, signal }).toEqual({ crash, signal: "SIGKILL" });
  }
  return reportOf(files, ledger);
}

const synthetic = async () => {
  const common = { seconds: 600, skewMs: 1_270, seed: 1 };
  return [
    await writeRecording(join(folder, "btc.jsonl.gz"), {
      ...{ ...common, symbol: "BTC/USDT", startPrice: "61000" },
    }),
    await writeRecording(join(folder, "eth.jsonl"), {
      ...{ ...common, symbol: "ETH/USDT", startPrice: "2600" },
    }),
  ];
};

function describeRuns(
  name: string,
  filesOf: () => Promise<readonly string[]>,
  wanted: { readonly candles: number; readonly crashes: readonly string[] },
): void {
  describe(name, () => {
    test("trades them together twice with the same heads, and once more through kills", async () => {
      const files = await filesOf();
      const first = await reportOf(files);
      const second = await reportOf(files);
      const killed = await reportThroughKills(files, wanted.crashes);
      const { candles, orders, trades, journalHead, ledgerHead } = first;
      console.log({ candles, orders, trades, journalHead, ledgerHead });
      expect({ candles, isTrading: trades > 0 }).toEqual({
        ...{ candles: wanted.candles, isTrading: true },
      });
      expect([second.journalHead, second.ledgerHead]).toEqual([journalHead, ledgerHead]);
      expect({ ...killed, journalHead: "", elapsedMs: 0 } as Report).toEqual({
        ...{ ...first, journalHead: "", elapsedMs: 0 },
      } as Report);
    });
  });
}

describeRuns("a desk on synthetic recordings", synthetic, {
  candles: 1_198,
  crashes: ["commit.before:1", "submit.afterSend:3", "commit.after:20", "submit.beforeSend:4"],
});

if (realRecordings.every(existsSync)) {
  describeRuns("a desk on the real recordings", async () => realRecordings, {
    candles: 606,
    crashes: ["submit.afterReply:2", "commit.inside:12", "submit.beforeSend:1"],
  });
} else {
  test.skip(`a desk on the real recordings: none at ${realRecordings.join(", ")}`, () => {});
}

test("start refuses options of another market, and recordings that it cannot read", async () => {
  const runs = [
    [
      ["--market", "candles", "--recording", "x"],
      2,
      'Cannot take "--recording" with "--market candles"',
    ],
    [
      ["--market", "recording", "--gaps", "0.1"],
      2,
      'Cannot take "--gaps" with "--market recording"',
    ],
    [["--market", "recording"], 2, "Cannot play 0 recordings"],
    [["--market", "recording", "--recording", "none"], 6, 'Cannot read recording "none"'],
  ] as const;
  for (const [args, wantedCode, words] of runs) {
    await using desk = new DeskProcess(["start", ...args, "--db", newLedger(), "--json"]);
    const { code, err } = await desk.ended;
    expect({ code, told: err.includes(words) }).toEqual({ code: wantedCode, told: true });
  }
});
