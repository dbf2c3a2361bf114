import type { AccountContext } from "../../machines/account.machine.ts";
import { actorName, type VenueAccount } from "../../machines/domain/ids.ts";
import type { ActorSystem } from "../runtime/mod.ts";
import type { DeskOptions } from "./options.ts";

/**
 * From when on an account's fills are read again, Unix milliseconds: some way before its last match.
 * What was before the ledger began is in its opening balances.
 */
export function fillsSince(
  at: VenueAccount,
  system: ActorSystem,
  { config, store }: Pick<DeskOptions, "config" | "store">,
): number {
  const account = system.snapshot(actorName.account(at))?.context as AccountContext | undefined;
  const begunAt = () => {
    const [genesis] = store.recordsAfter(["genesis"], 0);
    // 0 where that record is not at hand any more.
    return genesis?.at ?? 0;
  };
  return Math.max(0, (account?.reconciledAt ?? begunAt()) - config.reconcile.overlapMs);
}
