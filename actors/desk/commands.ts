import type { AnyMachineSnapshot, EventObject } from "xstate";
import type { DeskContext } from "../../machines/desk.machine.ts";
import type { Brake } from "../../machines/domain/brake.ts";
import {
  type Command,
  mayActAs,
  type PositionCommandName,
  type SettlementName,
} from "../../machines/domain/command.ts";
import { accountKey, actorName, type VenueAccount } from "../../machines/domain/ids.ts";
import type { Turn } from "../runtime/mod.ts";
import { type HandScope, judgeSend, obeySend } from "./by-hand.ts";
import { isJobCommand, type JobCommandName, judgeJob, obeyJob } from "./jobs.ts";
import { isPositionCommand, judgePosition, obeyPosition } from "./position-commands.ts";
import { isSettlement, judgeSettlement, type SettlementScope, settle } from "./settlement.ts";

/** What an operator's command needs of the desk. */
export interface CommandScope {
  readonly accounts: readonly {
    readonly at: VenueAccount;
    readonly symbols: readonly string[];
  }[];
  send(actor: string, event: EventObject): void;
  actors(): Iterable<readonly [name: string, snapshot: AnyMachineSnapshot]>;
  desk(): DeskContext;
  /** Strategies that are switched off or in quarantine. */
  silenced(): readonly string[];
  enable(strategy: string, at: number): void;
  readonly settlement: SettlementScope;
  readonly byHand: Pick<HandScope, "mode" | "live">;
}

const answers = {
  pause: "paused: no new entries, positions stay managed",
  resume: "resumed: your own pause and halt are released",
  halt: "halted: no new exposure, working entries are being cancelled, stops stay",
  flatten: "flattening: paused, entries are being cancelled, positions are being sold",
  hold: "held: no new exposure there",
  release: "released",
  enable: "enabled: it votes again, and its results count anew",
} as const satisfies Record<
  Exclude<Command["name"], SettlementName | JobCommandName | PositionCommandName | "send">,
  string
>;

/** Brakes that end by their own rule alone: releasing them by hand would not make it safe. */
const selfReleasing: readonly Brake["kind"][] = ["coldStart", "mismatch", "file"];

/** Why an operator cannot release a brake; null where that is possible. */
export function releaseRefusal({ brakeId, kind, releasedBy }: Brake): string | null {
  return selfReleasing.includes(kind) ? `brake "${brakeId}" is released by ${releasedBy}` : null;
}

/** What the command is answered with, or why it is refused: said before anything happens. */
export function judge(command: Command, scope: CommandScope): { done: boolean; text: string } {
  const { name, role, target } = command;
  const refuse = (why: string) => ({ done: false, text: `Cannot ${name}: ${why}` });
  if (!mayActAs(role, "operate")) return refuse('role "operate" is needed');
  if (isJobCommand(name)) return judgeJob(command, scope);
  if (isPositionCommand(name)) return judgePosition(command, scope);
  if (isSettlement(name)) return judgeSettlement(command, scope.settlement);
  if (name === "send") return judgeSend(command, { ...scope.byHand, send: scope.send });
  if (name === "hold") {
    const known = new Set(
      scope.accounts.flatMap(({ at, symbols }) => {
        const key = accountKey(at);
        return [at.venue, key, ...symbols.map((symbol) => `${key}/${symbol}`)];
      }),
    );
    if (target === null || !known.has(target)) {
      return refuse(
        `"${target ?? ""}" is not held by this desk, wanted one of ${[...known].join(", ")}`,
      );
    }
  }
  if (name === "release") {
    const { brakes } = scope.desk();
    const brake = brakes.find(({ brakeId }) => brakeId === target);
    if (!brake) {
      const ids = brakes.map(({ brakeId }) => brakeId).join(", ");
      return refuse(
        `no brake "${target ?? ""}" is on, wanted ${ids === "" ? "none: all are off" : `one of ${ids}`}`,
      );
    }
    const why = releaseRefusal(brake);
    if (why !== null) return refuse(why);
  }
  if (name === "enable") {
    const off = scope.silenced();
    if (target === null || !off.includes(target)) {
      const wanted = off.length === 0 ? "none: all are on" : `one of ${off.join(", ")}`;
      return refuse(`strategy "${target ?? ""}" is not off, wanted ${wanted}`);
    }
  }
  if (name === "resume") return { done: true, text: resumed(scope.desk().brakes) };
  return { done: true, text: answers[name] };
}

/** What is released, and what still stops new exposure: that an operator thinks it does not. */
function resumed(brakes: readonly Brake[]): string {
  const isOwn = ({ kind, scope }: Brake) => ["pause", "halt"].includes(kind) && scope === "desk";
  const own = brakes.filter(isOwn).map(({ kind }) => kind);
  const others = brakes.filter((brake) => !isOwn(brake)).map(({ brakeId }) => brakeId);
  const released =
    own.length === 0 ? "resumed: no pause or halt was on" : `${answers.resume}: ${own.join(", ")}`;
  return others.length === 0 ? released : `${released}; still on: ${others.join(", ")}`;
}

/** Sends what the command means, within its turn. */
export function obey(command: Command, scope: CommandScope, turn: Turn): void {
  const { name, who, reason, target } = command;
  const send = (actor: string, event: object) => scope.send(actor, event as EventObject);
  const text = reason === "" ? `by ${who}` : `by ${who}: ${reason}`;
  if (isJobCommand(name)) {
    obeyJob(command, scope, turn);
    return;
  }
  if (isPositionCommand(name)) {
    obeyPosition(command, scope);
    return;
  }
  if (isSettlement(name)) {
    settle(command, scope.settlement, turn);
    return;
  }
  switch (name) {
    case "send":
      obeySend(command, { ...scope.byHand, send: scope.send });
      return;
    case "resume":
      for (const kind of ["pause", "halt"]) {
        send(actorName.desk, { type: "brake.off", kind, scope: "desk" });
      }
      return;
    case "enable":
      scope.enable(target ?? "", turn.at);
      return;
    case "release":
      release(scope, target ?? "");
      return;
    default:
  }
  send(actorName.desk, {
    type: "brake.on",
    kind: name === "flatten" ? "pause" : name,
    scope: name === "hold" ? target : "desk",
    reason: text,
    releasedBy: name === "hold" ? "brake release" : "resume",
    at: turn.at,
  });
  if (name === "pause") return;
  // With what ends it: the hold of one symbol is not to reach another that begins like it.
  const prefixes =
    name === "hold" ? ["/", "~", ":"].map((end) => `position:${target}${end}`) : ["position:"];
  for (const [actor, snapshot] of [...scope.actors()]) {
    if (!prefixes.some((prefix) => actor.startsWith(prefix)) || snapshot.hasTag("over")) continue;
    send(actor, { type: name === "flatten" ? "exit.wanted" : "entry.abandon", reason: name });
  }
}

/** A breaker is told that it may try again; any other brake is simply taken off. */
function release(scope: CommandScope, brakeId: string): void {
  const brake = scope.desk().brakes.find((each) => each.brakeId === brakeId);
  if (!brake) return;
  const send = (actor: string, event: object) => scope.send(actor, event as EventObject);
  if (brake.kind === "breaker") {
    send(actorName.breaker(brakeId.slice("breaker/".length)), { type: "breaker.probe" });
  }
  send(actorName.desk, { type: "brake.off", kind: brake.kind, scope: brake.scope, brakeId });
}
