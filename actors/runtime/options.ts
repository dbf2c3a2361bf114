import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from "xstate";
import type { ActorKind } from "../../machines/domain/ids.ts";
import type { LedgerChange } from "../../machines/domain/ledger.ts";
import type { EffectHandler, WantedEffect } from "./effects.ts";
import type { Clock, Reached, RuntimeStore, StateChange } from "./ports.ts";
import type { Turn } from "./turn.ts";
import type { SetAside } from "./upgrade.ts";

/** A kind of durable actor: its machine, and the version of what it stores. */
export interface MachineKind {
  readonly machine: AnyStateMachine;
  readonly version: number;
  /** By version: what makes a stored snapshot of it one of the next. Pure. */
  readonly migrations?: Readonly<Record<number, (snapshot: unknown) => unknown>>;
  /** Keys that a stored context must have; one that lacks any is set aside, not run with. */
  readonly contextKeys?: readonly string[];
}

export interface SystemOptions {
  readonly kinds: Readonly<Record<ActorKind, MachineKind>>;
  readonly rootInput: unknown;
  readonly store: RuntimeStore;
  readonly clock: Clock;
  readonly effects: Readonly<Record<string, EffectHandler>>;
  /** Ledger rows that follow from what an actor became. */
  readonly project: (
    actor: string,
    after: AnyMachineSnapshot,
    before: AnyMachineSnapshot | null,
    turn: Turn,
  ) => LedgerChange[];
  /** What to do with an effect's answer: what to book first, and which events to send. */
  readonly admit: (effect: WantedEffect, event: EventObject) => Admission;
  /** What parts outside the actors want committed with the turns, since they were last asked. */
  readonly outside: () => StateChange[];
  /** Told of each turn when it is over, undone ones included, before it is committed. */
  readonly onTurn: (turn: Turn) => void;
  /** Told after each commit, before what waited for it is let out. */
  readonly onCommit: () => void;
  readonly reached: Reached;
  /** Turns that may share one commit. */
  readonly groupLimit: number;
  /**
   * What to make an archived actor anew with, whose snapshot cannot be taken over and that is
   * wanted back; null if nothing is known of it.
   */
  readonly makeAnew?: (setAside: SetAside) => unknown;
  /** Completes an actor's input with what a machine cannot know: the time, and draws. */
  readonly complete: (kind: ActorKind, input: unknown, turn: Turn) => unknown;
}

/** How an answer is let in. */
export interface Admission {
  readonly correlation: string | null;
  readonly book?: (turn: Turn) => void;
  readonly act: (turn: Turn) => void;
}
