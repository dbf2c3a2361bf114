const redrawMs = 200;

/** Counts bars, and on a terminal shows how far a run is and how fast it goes. */
export class Progress {
  bars = 0;
  private readonly startedAt = performance.now();
  private drawnAt = 0;

  constructor(
    private readonly isShown: boolean,
    /** Bars in all; null for a run without end, which shows no progress. */
    private readonly total: number | null,
  ) {}

  bar(): void {
    this.bars += 1;
    if (!this.isShown || this.total === null || this.bars % 64 !== 0) return;
    const now = performance.now();
    if (now - this.drawnAt < redrawMs) return;
    this.drawnAt = now;
    const share = Math.min(1, this.bars / this.total);
    const filled = Math.round(share * 30);
    const bar = "█".repeat(filled) + "░".repeat(30 - filled);
    const rate = Math.round((this.bars / (now - this.startedAt)) * 1000);
    process.stderr.write(`\r${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${rate} candles/s `);
  }

  end(): void {
    if (this.isShown && this.drawnAt > 0) process.stderr.write("\r\u001b[K");
  }
}
