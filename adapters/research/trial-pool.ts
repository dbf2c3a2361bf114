import type { SharedCandles } from "./shared-candles.ts";
import type { TrialOutcome, TrialRequest } from "./trial.ts";
import type { WorkerAnswer, WorkerTask } from "./trial-worker.ts";

export type TrialResult =
  | { readonly type: "done"; readonly outcome: TrialOutcome }
  | { readonly type: "failed"; readonly error: string };

interface Waiting {
  readonly worker: Worker;
  readonly resolve: (result: TrialResult) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that run trials over the same candles, each one trial at a time. */
export class TrialPool implements Disposable {
  private readonly workers: readonly Worker[];
  private readonly idle: Worker[];
  private readonly waiting = new Map<number, Waiting>();
  private readonly queue: ((worker: Worker) => void)[] = [];
  private broken: Error | null = null;
  private next = 1;

  constructor(candles: SharedCandles, size: number) {
    this.workers = Array.from({ length: size }, () => this.started(candles));
    this.idle = [...this.workers];
  }

  /** Runs a trial as soon as a thread is free. Rejects where a thread itself broke down. */
  run(request: TrialRequest): Promise<TrialResult> {
    return new Promise((resolve, reject) => {
      const begin = (worker: Worker): void => {
        const id = this.next++;
        this.waiting.set(id, { worker, resolve, reject });
        worker.postMessage({ type: "trial", id, request } satisfies WorkerTask);
      };
      const worker = this.idle.pop();
      if (this.broken) reject(this.broken);
      else if (worker) begin(worker);
      else this.queue.push(begin);
    });
  }

  [Symbol.dispose](): void {
    for (const worker of this.workers) worker.terminate();
  }

  private started(candles: SharedCandles): Worker {
    const worker = new Worker(new URL("./trial-worker.ts", import.meta.url).href);
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => this.answered(worker, data);
    worker.onerror = ({ message }) =>
      this.fail(new Error(`Cannot go on: a worker ended: ${message}`));
    worker.postMessage({ type: "open", candles } satisfies WorkerTask);
    return worker;
  }

  private answered(worker: Worker, answer: WorkerAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    const begin = this.queue.shift();
    if (begin) begin(worker);
    else this.idle.push(worker);
    const { type } = answer;
    waiting?.resolve(
      type === "done" ? { type, outcome: answer.outcome } : { type, error: answer.error },
    );
  }

  private fail(error: Error): void {
    this.broken = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
