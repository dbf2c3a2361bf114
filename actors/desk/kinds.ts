import { type AccountContext, accountMachine } from "../../machines/account.machine.ts";
import { type BreakerContext, breakerMachine } from "../../machines/breaker.machine.ts";
import { type DeskContext, deskMachine } from "../../machines/desk.machine.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import { type FeedContext, feedMachine } from "../../machines/feed.machine.ts";
import { type JobContext, jobMachine } from "../../machines/job.machine.ts";
import { orderMachine } from "../../machines/order.machine.ts";
import { orderMigrations } from "../../machines/order.migrations.ts";
import type { OrderContext } from "../../machines/order.types.ts";
import { positionMachine } from "../../machines/position.machine.ts";
import { positionMigrations } from "../../machines/position.migrations.ts";
import type { PositionContext } from "../../machines/position.types.ts";
import { type ReconcilerContext, reconcilerMachine } from "../../machines/reconciler.machine.ts";
import { type ScannerContext, scannerMachine } from "../../machines/scanner.machine.ts";
import type { MachineKind } from "../runtime/mod.ts";

type Required<T> = { [Key in keyof T]-?: undefined extends T[Key] ? never : Key }[keyof T];

/** Every key of a context that is always there: one left out or made up does not type-check. */
function keysOf<T>(keys: Readonly<Record<Required<T>, true>>): readonly string[] {
  return Object.keys(keys);
}

const orderKeys = keysOf<OrderContext>({
  ...{ intent: true, clientOrderId: true, settings: true, attempts: true, venueOrderId: true },
  ...{ live: true, learnedAt: true, wanted: true, atMost: true, doubtSince: true, filled: true },
  ...{ filledFor: true, reported: true, cancelReason: true, cancelsInVain: true, lookUps: true },
  ...{ ended: true, reason: true, illegal: true, lastIllegal: true },
});
const positionKeys = keysOf<PositionContext>({
  ...{ positionId: true, vaultId: true, at: true, symbol: true, instrument: true, entry: true },
  ...{
    stopPrice: true,
    targetPrice: true,
    stopFrame: true,
    votedBy: true,
    settings: true,
    quantity: true,
    entryEnded: true,
  },
  ...{ initialStop: true, stop: true, stopNumber: true, exit: true, exitNumber: true },
  ...{ exitReason: true, exitHeld: true, failures: true, illegal: true },
});
const deskKeys = keysOf<DeskContext>({
  ...{ brakes: true, brakesSet: true, alarms: true, lastAlarm: true },
  ...{ supervision: true, children: true },
});
const feedKeys = keysOf<FeedContext>({
  ...{ symbol: true, timeframeMs: true, firstBarAt: true, missed: true, gaps: true },
});
const scannerKeys = keysOf<ScannerContext>({
  ...{ at: true, symbol: true, coolDownMs: true, opened: true, positionId: true },
});
const accountKeys = keysOf<AccountContext>({ at: true, reconciledAt: true, differences: true });
const reconcilerKeys = keysOf<ReconcilerContext>({
  ...{ at: true, intervalMs: true, retryMs: true, patience: true },
  ...{ runs: true, differed: true, differences: true, unreadable: true },
});
const breakerKeys = keysOf<BreakerContext>({
  ...{ rule: true, scope: true, limit: true, releasedBy: true },
  ...{ reason: true, openedAt: true, trips: true, failed: true },
});

const jobKeys = keysOf<JobContext>({
  ...{ jobId: true, kind: true, args: true, folder: true, who: true, queuedAt: true },
  ...{ startedAt: true, endedAt: true, starts: true, done: true, of: true },
  ...{ result: true, reason: true },
});

/** Every kind of durable actor, with the version of what it stores. */
export const machineKinds: Readonly<Record<ActorKind, MachineKind>> = {
  desk: { machine: deskMachine, version: 1, contextKeys: deskKeys },
  feed: { machine: feedMachine, version: 1, contextKeys: feedKeys },
  scanner: { machine: scannerMachine, version: 1, contextKeys: scannerKeys },
  order: {
    machine: orderMachine,
    version: 2,
    contextKeys: orderKeys,
    migrations: orderMigrations,
  },
  position: {
    machine: positionMachine,
    version: 2,
    contextKeys: positionKeys,
    migrations: positionMigrations,
  },
  account: { machine: accountMachine, version: 1, contextKeys: accountKeys },
  reconciler: { machine: reconcilerMachine, version: 1, contextKeys: reconcilerKeys },
  breaker: { machine: breakerMachine, version: 1, contextKeys: breakerKeys },
  job: { machine: jobMachine, version: 1, contextKeys: jobKeys },
};
