import { accountKey, accountOfActor, actorName } from "../../machines/domain/ids.ts";
import type { Turn, WantedEffect } from "../runtime/mod.ts";
import { accountsOf, type DeskConfig } from "./config.ts";

/** How a desk starts whose venues are on wires. */
export interface WiredStart {
  /** Comes when no reading is waited for any longer: those of the others go on. */
  readonly patience: Promise<unknown>;
  /** Told what a turn or a commit threw, at the start and ever after. */
  readonly failed: (error: unknown) => void;
}

/**
 * Which accounts were not read since the start. Each is its own gate: until its first reading was
 * answered, soundly or not, nothing else is asked of its venue; the others do not wait for it.
 */
export class FirstReadings {
  private readonly owed = new Map<string, string>();

  /** Takes note of an answer. */
  note({ input }: Turn): void {
    if (this.owed.size === 0 || input.kind !== "effect") return;
    const account = accountOfActor(input.subject);
    if (account !== null && this.owed.get(account) === input.subject) this.owed.delete(account);
  }

  /** Whether an effect may begin. */
  lets({ owner, src }: WantedEffect): boolean {
    return src === "readAccount" || !this.owed.has(accountOfActor(owner) ?? "");
  }

  /**
   * Begins the readings of all accounts, and whatever follows from each; resolves once all were
   * answered, or with the patience.
   *
   * @throws what a turn or a commit threw meanwhile
   */
  async through(
    config: DeskConfig,
    begin: (answered: () => void, failed: (error: unknown) => void) => void,
    { patience, failed }: WiredStart,
  ): Promise<void> {
    for (const { at } of accountsOf(config))
      this.owed.set(accountKey(at), actorName.reconciler(at));
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) => {
        failed(error);
        reject(error);
      };
      const go = () => {
        begin(go, fail);
        if (this.owed.size === 0) resolve();
      };
      go();
      patience.then(() => resolve(), fail);
    });
  }
}
