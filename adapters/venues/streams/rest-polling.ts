import type { SymbolName } from "../../../machines/domain/ids.ts";
import type { PolledMarket } from "./live-market.ts";
import type { StreamTimers } from "./timers.ts";

export interface RestPollingOptions {
  readonly symbols: readonly SymbolName[];
  readonly everyMs: number;
  readonly timers: StreamTimers;
  readonly poll: (symbol: SymbolName) => Promise<PolledMarket>;
  readonly told: (symbol: SymbolName, market: PolledMarket) => void;
  readonly failed: (symbol: SymbolName, reason: string) => void;
}

/** Reads markets by REST, one symbol after another and one request at a time, while it runs. */
export class RestPolling {
  /** Which start it was: an answer that comes after a stop is not told. */
  #run = 0;
  #isRunning = false;
  #cancel: () => void = () => {};

  constructor(private readonly options: RestPollingOptions) {}

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#run += 1;
    this.#next(this.#run, 0);
  }

  stop(): void {
    this.#isRunning = false;
    this.#run += 1;
    this.#cancel();
  }

  #next(run: number, index: number): void {
    const { symbols, poll, told, failed, everyMs, timers } = this.options;
    const symbol = symbols[index];
    if (symbol === undefined || run !== this.#run) {
      if (run === this.#run) this.#cancel = timers.after(everyMs, () => this.#next(run, 0));
      return;
    }
    poll(symbol).then(
      (market) => {
        if (run !== this.#run) return;
        told(symbol, market);
        this.#next(run, index + 1);
      },
      (error: unknown) => {
        if (run !== this.#run) return;
        failed(symbol, error instanceof Error ? error.message : String(error));
        this.#next(run, index + 1);
      },
    );
  }
}
