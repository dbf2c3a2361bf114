/** How far a desk's job is goes out as lines of JSON. */
const jobVariable = "NOVACTOR_JOB";

const redrawMs = 200;

/** Tells how far a study is, on the error stream: drawn on a terminal, in tenths elsewhere. */
export class StudyProgress {
  private done = 0;
  private known = 0;
  private drawnAt = 0;
  private tenths = 0;
  private readonly startedAt = performance.now();
  private readonly isJob = isJob();

  constructor(
    /** What is counted, such as "trials". */
    private readonly of: string,
    private readonly total: number,
    private readonly isShown: boolean,
  ) {
    if (this.isJob) this.tell();
  }

  /** One more is over; `isKnown` where it was so before this process began. */
  step(isKnown = false): void {
    this.done += 1;
    if (isKnown) this.known += 1;
    if (this.isJob) this.tell();
    else if (this.isShown) this.show();
  }

  private show(): void {
    if (process.stderr.isTTY) this.draw();
    else if (Math.floor((10 * this.done) / this.total) > this.tenths) {
      this.tenths = Math.floor((10 * this.done) / this.total);
      process.stderr.write(`${this.text()}\n`);
    }
  }

  end(): void {
    if (this.drawnAt > 0) process.stderr.write("\r\u001b[K");
  }

  private draw(): void {
    const now = performance.now();
    if (now - this.drawnAt < redrawMs && this.done < this.total) return;
    this.drawnAt = now;
    process.stderr.write(`\r${this.text()} `);
  }

  private text(): string {
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const rate = ((this.done - this.known) / Math.max(seconds, 1e-3)).toFixed(1);
    const known = this.known > 0 ? `, ${this.known} of them known` : "";
    return `${this.done} of ${this.total} ${this.of}${known}, ${rate}/s`;
  }

  private tell(): void {
    tellProgress(this.done, this.total);
  }
}

/** Whether a desk began this process. */
export const isJob = (): boolean => process.env[jobVariable] !== undefined;

/** Tells the desk how far its job is; nothing where this process is nobody's job. */
export function tellProgress(done: number, of: number): void {
  if (!isJob()) return;
  process.stderr.write(`${JSON.stringify({ done, of })}\n`);
}

/** A job's study ends with the desk that began it: what is finished by then is kept. */
export function endWithParent(): void {
  if (!isJob()) return;
  process.stdin.on("end", () => process.exit(130));
  process.stdin.on("error", () => process.exit(130));
  process.stdin.resume();
  process.stdin.unref?.();
}
