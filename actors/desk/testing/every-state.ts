/** An actor of a kind in each of its machine's states, as a ledger would have it. */
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine } from "xstate";
import { decimal, zero } from "../../../machines/domain/decimal.ts";
import { actorName } from "../../../machines/domain/ids.ts";
import { type JobEvent, jobMachine } from "../../../machines/job.machine.ts";
import { Choices } from "../../../machines/model-venue.fixture.ts";
import type { OrderEvent } from "../../../machines/order.types.ts";
import {
  absent,
  amend,
  amendUnknown,
  cancel,
  cancelRefused,
  cancelUnknown,
  confirmed,
  denied,
  found,
  half,
  refused,
  rest,
  says,
  submitUnknown,
  unclear,
} from "../../../machines/order-events.fixture.ts";
import { PositionWorld } from "../../../machines/position-world.fixture.ts";
import { intent, jobInput, orderStepper, positionId } from "../../../machines/samples.fixture.ts";
import { allStates, Stepper, statesOf } from "../../../machines/stepping.fixture.ts";
import type { StoredActor } from "../../runtime/mod.ts";
import { plainSnapshot } from "../../runtime/snapshot.ts";
import { machineKinds } from "../kinds.ts";

const orderEvents: readonly OrderEvent[] = [
  ...[absent, amend, amendUnknown, cancel, cancelRefused, cancelUnknown, confirmed, denied],
  ...[half, refused, rest, submitUnknown, unclear, found("open"), found("canceled")],
  ...[says("open"), says("triggered"), says("expired"), says("filled", { filled: decimal(1) })],
  { type: "fills.fetched" },
  { type: "order.doubt", since: 1 },
];

/** Choices that are the same whenever they are asked for. */
function choices(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  });
}

/** Keeps the first snapshot of each state that a machine is seen in. */
class Gallery {
  readonly byState = new Map<string, AnyMachineSnapshot>();
  private readonly wanted: readonly string[];

  constructor(machine: AnyStateMachine) {
    this.wanted = allStates(machine);
  }

  see(snapshot: AnyMachineSnapshot): void {
    for (const state of statesOf(snapshot)) {
      if (!this.byState.has(state)) this.byState.set(state, snapshot);
    }
  }

  get isWhole(): boolean {
    return this.missing().length === 0;
  }

  missing(): string[] {
    return this.wanted.filter((state) => !this.byState.has(state));
  }
}

function orderGallery(): Gallery {
  const gallery = new Gallery(orderStepper().machine);
  const stubborn = orderStepper().send(confirmed, cancel);
  for (let times = 0; times < 5; times += 1) stubborn.send(cancelUnknown, found("open"));
  gallery.see(stubborn.snapshot);
  for (let seed = 1; seed <= 500 && !gallery.isWhole; seed += 1) {
    const stepper = orderStepper({
      patienceMs: seed % 2 === 0 ? 50 : null,
      role: seed % 3 === 0 ? "stop" : "entry",
    });
    gallery.see(stepper.snapshot);
    for (const choice of choices(seed, 14)) {
      const timer = stepper.pendingTimers[choice % 31];
      const event = orderEvents[choice % orderEvents.length];
      if (timer !== undefined) stepper.fire(timer);
      else if (event) stepper.send(event);
      gallery.see(stepper.snapshot);
    }
  }
  return gallery;
}

function positionGallery(): Gallery {
  const world = (seed: number) => {
    const [stops, exits, amends, drops] = choices(seed, 4).map((choice) => choice % 4);
    const refusals = {
      stops: stops ?? 0,
      exits: exits ?? 0,
      amends: amends ?? 0,
      drops: drops ?? 0,
      smallStops: seed % 3,
    };
    return new PositionWorld(new Choices(choices(seed + 7, 120)), refusals, zero, seed % 5 === 0);
  };
  const gallery = new Gallery(world(1).stepper.machine);
  for (let seed = 1; seed <= 500 && !gallery.isWhole; seed += 1) {
    const each = world(seed);
    gallery.see(each.stepper.snapshot);
    for (let steps = 0; steps < 400 && each.step(); steps += 1) gallery.see(each.stepper.snapshot);
  }
  return gallery;
}

function jobGallery(): Gallery {
  const begun: JobEvent = { type: "job.begun", at: 2 };
  const ways: readonly (readonly JobEvent[])[] = [
    [],
    [begun],
    [begun, { type: "job.finished", result: "out", at: 3 }],
    [begun, { type: "job.failed", reason: "no candles", at: 3 }],
    [begun, { type: "job.cancel", reason: "by ada", at: 3 }],
  ];
  const gallery = new Gallery(jobMachine);
  for (const way of ways) gallery.see(new Stepper(jobMachine, jobInput).send(...way).snapshot);
  return gallery;
}

type Kept = "order" | "position" | "job";

const galleries: Readonly<Record<Kept, () => Gallery>> = {
  order: orderGallery,
  position: positionGallery,
  job: jobGallery,
};

const names: Readonly<Record<Kept, string>> = {
  order: actorName.order(intent.intentId),
  position: actorName.position(positionId),
  job: actorName.job(jobInput.jobId),
};

/** As it is stored; its ids are those of the first position of the symbol of the samples. */
function storedOf(kind: Kept, snapshot: AnyMachineSnapshot): StoredActor {
  const children = new Map(Object.entries(snapshot.children) as [string, AnyActorRef][]);
  return {
    name: names[kind],
    kind,
    version: machineKinds[kind].version,
    snapshot: plainSnapshot(snapshot, children),
    timers: [],
    seq: 1,
  };
}

export interface Sample {
  /** The state's value, as text. */
  readonly state: string;
  readonly actor: StoredActor;
}

/** Actors of the kind that are, together, in each of its states. @throws if one was not reached. */
export function everyStateOf(kind: Kept): Sample[] {
  const gallery = galleries[kind]();
  if (!gallery.isWhole) {
    throw new Error(`Cannot reach states "${gallery.missing().join('", "')}" of ${kind}`);
  }
  const different = new Map([...gallery.byState.values()].map((each) => [each, each.value]));
  return [...different].map(([snapshot, value]) => ({
    state: JSON.stringify(value).replaceAll('"', ""),
    actor: storedOf(kind, snapshot),
  }));
}
