/** A thread that runs trials over candles that all threads share. */
import type { SharedCandles } from "./shared-candles.ts";
import { runTrial, type TrialOutcome, type TrialRequest } from "./trial.ts";

export type WorkerTask =
  | { readonly type: "open"; readonly candles: SharedCandles }
  | { readonly type: "trial"; readonly id: number; readonly request: TrialRequest };

export type WorkerAnswer =
  | { readonly type: "done"; readonly id: number; readonly outcome: TrialOutcome }
  | { readonly type: "failed"; readonly id: number; readonly error: string };

declare const self: {
  onmessage: (event: MessageEvent<WorkerTask>) => void;
  postMessage(answer: WorkerAnswer): void;
};

let candles: SharedCandles | null = null;

async function answerTo(id: number, request: TrialRequest): Promise<WorkerAnswer> {
  try {
    if (candles === null) throw new Error("Cannot run a trial: no candles were handed over");
    return { type: "done", id, outcome: await runTrial(candles, request) };
  } catch (error) {
    return { type: "failed", id, error: error instanceof Error ? error.message : String(error) };
  }
}

self.onmessage = ({ data }) => {
  if (data.type === "open") candles = data.candles;
  else answerTo(data.id, data.request).then((answer) => self.postMessage(answer));
};
