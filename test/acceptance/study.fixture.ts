/** Studies as an operator starts them: a market that trades within hours, and what they keep. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrialStore } from "../../adapters/store/trials.ts";

const main = join(import.meta.dir, "../../adapters/cli/main.ts");
/** One symbol and two strategies that agree with nobody but themselves: it trades within hours. */
const configuration = `
market:
  source: generator
  symbols: [{ symbol: BTC/USD, startPrice: 64000, tick: 0.1 }]
strategy:
  frames: [1]
  confluence:
    { minFrames: 1, minStrategies: 1, minConfidence: 0.1, minRewardToRisk: 0.1, frameBonus: [1] }
  votes:
    breakout: { use: false }
    ichimoku: { use: false }
    keltner: { use: false }
    squeeze: { use: false }
    supertrend: { use: false }
    reversal: { use: false }
    stochasticDivergence: { use: false }
    meanReversion: { use: false }
    orderFlow: { use: false }
`;

/** A folder of its own, with that configuration as `study.yaml`. */
export class StudyFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "novactor-study-"));

  constructor() {
    writeFileSync(join(this.path, "study.yaml"), configuration);
  }

  /** Starts the command line in the folder. */
  begin(args: readonly string[]) {
    return Bun.spawn(["bun", main, ...args], { cwd: this.path, stdout: "pipe", stderr: "pipe" });
  }

  /** What the command line said, and how it ended. */
  async output(args: readonly string[]) {
    const process = this.begin(args);
    const [out, err, code] = await Promise.all([
      new Response(process.stdout).text(),
      new Response(process.stderr).text(),
      process.exited,
    ]);
    return { out, err, code };
  }

  /** Trials that are kept in a file; 0 while there is none. */
  keptIn(file: string): number {
    const path = join(this.path, file);
    if (!existsSync(path)) return 0;
    try {
      using store = new TrialStore(path);
      return store.size;
    } catch {
      // It is being made.
      return 0;
    }
  }

  /** Starts the command line, and kills it once so many trials are kept; how many there were then. */
  async killedAfter(trials: number, file: string, args: readonly string[]): Promise<number> {
    const victim = this.begin([...args, "--trials", file]);
    while (this.keptIn(file) < trials && victim.exitCode === null) await Bun.sleep(50);
    victim.kill("SIGKILL");
    await victim.exited;
    return this.keptIn(file);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
