import { accountMachine } from "../../machines/account.machine.ts";
import { breakerMachine } from "../../machines/breaker.machine.ts";
import { deskMachine } from "../../machines/desk.machine.ts";
import type { ActorKind } from "../../machines/domain/ids.ts";
import { feedMachine } from "../../machines/feed.machine.ts";
import { orderMachine } from "../../machines/order.machine.ts";
import { positionMachine } from "../../machines/position.machine.ts";
import { reconcilerMachine } from "../../machines/reconciler.machine.ts";
import { scannerMachine } from "../../machines/scanner.machine.ts";
import type { MachineKind } from "../runtime/mod.ts";

/** Every kind of durable actor, with the version of what it stores. */
export const machineKinds: Readonly<Record<ActorKind, MachineKind>> = {
  desk: { machine: deskMachine, version: 1 },
  feed: { machine: feedMachine, version: 1 },
  scanner: { machine: scannerMachine, version: 1 },
  order: { machine: orderMachine, version: 1 },
  position: { machine: positionMachine, version: 1 },
  account: { machine: accountMachine, version: 1 },
  reconciler: { machine: reconcilerMachine, version: 1 },
  breaker: { machine: breakerMachine, version: 1 },
};
