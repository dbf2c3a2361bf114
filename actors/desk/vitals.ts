import type { EventObject } from "xstate";
import {
  accountKey,
  actorName,
  type SymbolName,
  type VenueAccount,
} from "../../machines/domain/ids.ts";
import type { Turn } from "../runtime/mod.ts";
import type { SlowStrategy } from "./brain.ts";
import { accountStreamRule, staleStreamRule, type VitalRule } from "./config.ts";
import type { JobNews } from "./jobs.ts";

/** What is seen of the real world around the desk, told when it changes: a journaled input. */
export type Vital =
  | {
      readonly type: "vital";
      readonly rule: VitalRule;
      readonly isGood: boolean;
      readonly text: string;
    }
  | { readonly type: "emergencyFile"; readonly path: string; readonly isThere: boolean }
  | ({ readonly type: "slowStrategy" } & SlowStrategy)
  /** The stream of a symbol that is traded on an account fell silent, or is heard again. */
  | {
      readonly type: "stream";
      readonly at: VenueAccount;
      readonly symbol: SymbolName;
      readonly isFresh: boolean;
      readonly text: string;
    }
  /** What the process that runs a job tells of it. */
  | { readonly type: "job"; readonly jobId: string; readonly news: JobNews }
  /** An account's own stream stands, does not, or stands and missed something. */
  | {
      readonly type: "account";
      readonly at: VenueAccount;
      readonly link: "stands" | "cut" | "doubtful";
      readonly text: string;
    }
  /** Why an account is not fit to trade since the start; null once it is. */
  | { readonly type: "coldStart"; readonly at: VenueAccount; readonly why: string | null };

/** Id of the brake that a sign of the real world puts on. */
export function vitalBrakeId(by: VitalRule | "file"): string {
  return by === "file" ? "file/desk" : `breaker/${by}/desk`;
}

/** Id of the brake on an account that was not fit to trade at the start. */
export function coldStartBrakeId(at: VenueAccount): string {
  return `coldStart/${accountKey(at)}`;
}

/** Sends what a vital sign means, within its turn. */
export function heed(
  vital: Vital,
  send: (actor: string, event: EventObject) => void,
  turn: Turn,
): void {
  if (vital.type === "emergencyFile") {
    const brake = { kind: "file", scope: "desk" };
    const event = vital.isThere
      ? {
          type: "brake.on",
          ...brake,
          reason: `the emergency file "${vital.path}" is there`,
          releasedBy: "removing the file",
          at: turn.at,
        }
      : { type: "brake.off", ...brake };
    send(actorName.desk, event);
    return;
  }
  if (vital.type === "slowStrategy") {
    const { strategy, symbol, tookMs } = vital;
    const text = `strategy "${strategy}" took ${tookMs.toFixed(1)} ms for a bar of ${symbol}`;
    send(actorName.desk, { type: "alarm.raised", from: "strategies", text } as EventObject);
    return;
  }
  if (vital.type === "job") {
    const event: EventObject & { at: number } = { ...vital.news, at: turn.at };
    send(actorName.job(vital.jobId), event);
    return;
  }
  if (vital.type === "account") {
    heedAccount(vital, send, turn);
    return;
  }
  if (vital.type === "coldStart") {
    heedColdStart(vital, send, turn);
    return;
  }
  const isStream = vital.type === "stream";
  const rule = isStream
    ? `${staleStreamRule}/${accountKey(vital.at)}/${vital.symbol}`
    : `${vital.rule}/desk`;
  const breaker = actorName.breaker(rule);
  if (isStream ? vital.isFresh : vital.isGood) {
    send(breaker, { type: "breaker.probe" });
    send(breaker, { type: "breaker.passed" });
  } else {
    const event = { type: "breaker.tripped", reason: vital.text, at: turn.at };
    send(breaker, event);
  }
}

/** What happened while an account's stream did not stand is not told by it: it is read. */
function heedAccount(
  { at, link, text }: Extract<Vital, { readonly type: "account" }>,
  send: (actor: string, event: EventObject) => void,
  turn: Turn,
): void {
  const breaker = actorName.breaker(`${accountStreamRule}/${accountKey(at)}`);
  if (link === "cut") {
    send(breaker, { type: "breaker.tripped", reason: text, at: turn.at } as EventObject);
    return;
  }
  if (link === "stands") {
    send(breaker, { type: "breaker.probe" });
    send(breaker, { type: "breaker.passed" });
  }
  send(actorName.reconciler(at), { type: "reconcile.now" });
}

/** A brake that is on keeps its reason: it is set anew where there is another one. */
function heedColdStart(
  { at, why }: Extract<Vital, { readonly type: "coldStart" }>,
  send: (actor: string, event: EventObject) => void,
  turn: Turn,
): void {
  const brake = { kind: "coldStart", scope: accountKey(at) };
  send(actorName.desk, { type: "brake.off", ...brake } as EventObject);
  if (why === null) return;
  const releasedBy = "the checks of live trading, once the account passes them";
  const event = { type: "brake.on", ...brake, reason: why, releasedBy, at: turn.at };
  send(actorName.desk, event as EventObject);
}
