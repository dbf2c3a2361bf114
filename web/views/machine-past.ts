import { RouteError } from "../api/route.ts";
import type { Indexed, PanelPast, PastQuestions } from "../server/machine-ports.ts";

/** The past, with refusals that whoever asks is told. */
export class AskedPast {
  constructor(private readonly past: PanelPast) {}

  ledgers(): ReturnType<PanelPast["ledgers"]> {
    return this.past.ledgers().catch(refused);
  }

  /** @throws {RouteError} 404 for a ledger that is not there, 503 for one that cannot be read */
  ask<Name extends keyof PastQuestions>(
    ledger: string | undefined,
    question: Name,
    ...args: Parameters<PastQuestions[Name]>
  ): Promise<{ readonly answer: ReturnType<PastQuestions[Name]>; readonly indexed: Indexed }> {
    return this.past.ask(ledger, question, ...args).catch(refused);
  }
}

function refused(error: unknown): never {
  if (!(error instanceof Error) || !("isUnknown" in error)) throw error;
  throw new RouteError(error.isUnknown ? 404 : 503, error.message);
}
