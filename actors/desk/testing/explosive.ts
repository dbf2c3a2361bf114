/** Machines that throw where a test wants it, and are the desk's own in all else. */
import type { AnyStateMachine, EventObject } from "xstate";
import { type ActorKind, actorKinds } from "../../../machines/domain/ids.ts";
import type { MachineKind } from "../../runtime/mod.ts";
import { machineKinds } from "../kinds.ts";

export const boom: EventObject = { type: "test.boom" };

/** Says when a machine throws: on the event of the test's own always, on others as it is told. */
export class Fuse {
  /** Whether the actor of that name is to throw on an event. */
  on: (actor: string, event: EventObject) => boolean = () => false;
  /** Whether it is to throw when it is restored or restarted. */
  onRestore: (actor: string) => boolean = () => false;

  /** The desk's kinds with this fuse in them. */
  kinds(own = machineKinds): Record<ActorKind, MachineKind> {
    const entries = actorKinds.map((kind) => {
      return [kind, { ...own[kind], machine: this.wrap(own[kind].machine) }] as const;
    });
    return Object.fromEntries(entries) as Record<ActorKind, MachineKind>;
  }

  private wrap(machine: AnyStateMachine): AnyStateMachine {
    const transition: AnyStateMachine["transition"] = (snapshot, event, scope) => {
      const actor = scope.self.id;
      if (event.type === boom.type || this.on(actor, event)) throw new RangeError("boom");
      return machine.transition(snapshot, event, scope);
    };
    const restoreSnapshot: AnyStateMachine["restoreSnapshot"] = (snapshot, scope) => {
      if (this.onRestore(scope.self.id)) throw new RangeError("boom");
      return machine.restoreSnapshot(snapshot, scope);
    };
    const provide: AnyStateMachine["provide"] = (parts) => this.wrap(machine.provide(parts));
    const own: Record<PropertyKey, unknown> = { transition, restoreSnapshot, provide };
    return new Proxy(machine, {
      get(target, key) {
        if (key in own) return own[key];
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}
