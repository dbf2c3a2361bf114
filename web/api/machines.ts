/**
 * The visualiser: statecharts, actors now and at any past moment, what they said to each other, and
 * what they would do. `ledger` names another ledger than the running desk's own; see
 * `GET /api/v1/ledgers`. States are named by the ids of their nodes, such as `order.live.asked.none`.
 */
import { z } from "zod";
import { actorKinds } from "../../machines/domain/ids.ts";
import { time } from "./desk.ts";
import type { RouteTable } from "./route.ts";

const point = z.tuple([z.number(), z.number()]);
const seq = z.number().int().nonnegative();
const asSeq = z.coerce.number().int().nonnegative();
/** Plain data, with secrets taken out and long lists cut. */
const plain = z.unknown();
/** How far the index of the past goes, and how far the journal does: beyond it nothing is found. */
const indexed = z.object({ seq, of: seq });
const ofLedger = { ledger: z.string().max(200).optional() };

const box = { x: z.number(), y: z.number(), width: z.number(), height: z.number() };

/**
 * A statechart as it is drawn; coordinates are pixels from its own upper left corner, for a
 * monospaced font of 11 pixels. A state has its key and tags in its first 24 pixels, then a line of
 * 14 for each of `invokes`, `entry` and `exit`, then the transitions that stay in it.
 */
export const chartView = z.object({
  kind: z.enum(actorKinds),
  /** Of the machine: equal charts have equal hashes. */
  hash: z.string(),
  width: z.number(),
  height: z.number(),
  nodes: z.array(
    z.object({
      id: z.string(),
      key: z.string(),
      parent: z.string().nullable(),
      type: z.enum(["atomic", "compound", "parallel", "final", "history"]),
      isInitial: z.boolean(),
      tags: z.array(z.string()),
      description: z.string().nullable(),
      entry: z.array(z.string()),
      exit: z.array(z.string()),
      /** Effects that the state asks for. */
      invokes: z.array(z.string()),
      ...box,
    }),
  ),
  edges: z.array(
    z.object({
      /** `source|event|index`, the same in every step. */
      id: z.string(),
      source: z.string(),
      /** None for a transition that stays within its state. */
      targets: z.array(z.string()),
      event: z.string(),
      /** The event as it is read: `after submit timeout`, `always`. */
      label: z.string(),
      guard: z.string().nullable(),
      actions: z.array(z.string()),
      /** The edge that draws it: those that differ in their event alone share line and text. */
      drawnAs: z.string(),
      /** What stands in `labelBox`: `submit.confirmed +4 [saysOpen]`. */
      text: z.string(),
      /** None for a transition that stays within its state: its text stands in the state. */
      points: z.array(point),
      labelBox: z.object(box),
    }),
  ),
});
export type ChartView = z.output<typeof chartView>;

const guardView = z.object({
  name: z.string(),
  passed: z.boolean(),
  /** What it looked at, by path: `context.filled`, `event.order.state`; null where not known. */
  saw: z.record(z.string(), plain).nullable(),
});

const changeView = z.object({ before: plain, after: plain });

/** One transition of one actor. */
export const stepView = z.object({
  seq,
  /** Place among the transitions of its record. */
  index: z.number(),
  at: time,
  /** What set the turn off: `bar`, `report`, `command`, `timer`, `effect`. */
  recordKind: z.string(),
  event: z.object({ type: z.string() }).catchall(plain),
  /** State ids that were and are active. */
  from: z.array(z.string()),
  to: z.array(z.string()),
  /** Ids of the edges that fired. */
  edges: z.array(z.string()),
  guards: z.array(guardView),
  /** Context keys that changed. */
  changed: z.record(z.string(), changeView),
  /** Who sent it; null for what came from outside. */
  cause: z.object({ actor: z.string(), event: z.string() }).nullable(),
  isIgnored: z.boolean(),
});

const timerView = z.object({ id: z.string(), label: z.string(), deadline: time });

/** An actor as it stood after a journal record. */
export const momentView = z.object({
  name: z.string(),
  kind: z.enum(actorKinds),
  /** The record that it is shown after, and the record that last changed it. */
  seq,
  changedSeq: seq,
  at: time,
  isLive: z.boolean(),
  active: z.array(z.string()),
  tags: z.array(z.string()),
  context: plain,
  /** Empty for a past moment that does not say. */
  timers: z.array(timerView),
  /** Events that the state hears, with their guards as they would judge now. */
  next: z.array(
    z.object({
      event: z.string(),
      label: z.string(),
      edges: z.array(
        z.object({
          id: z.string(),
          guard: z.string().nullable(),
          targets: z.array(z.string()),
          /** Whether its guard would pass now; null where that depends on what the event says. */
          passes: z.boolean().nullable(),
        }),
      ),
      /** Whether it may be sent by hand: on paper alone, from an allow list. */
      maySend: z.boolean(),
    }),
  ),
  last: stepView.nullable(),
  /** The actor's life in the journal. */
  first: seq,
  latest: seq,
  steps: z.number(),
  /** Effects that are wanted or under way, such as `submit`; none for a past moment. */
  waiting: z.array(z.string()),
  /** What is to be known of how this was found, in words: where the journal does not say all. */
  notes: z.array(z.string()),
  indexed,
});

export const actorRow = z.object({
  name: z.string(),
  kind: z.enum(actorKinds),
  parent: z.string().nullable(),
  /** The position that it works for, or is. */
  correlation: z.string().nullable(),
  /** Short words for the state: `live: asked none, held working`. */
  state: z.string(),
  tags: z.array(z.string()),
  status: z.enum(["live", "archived"]),
  /** As far as they still count. */
  restarts: z.number(),
  faults: z.number(),
  /** `waiting` for a restart after a pause, or `givenUp`. */
  supervision: z.enum(["up", "waiting", "givenUp"]),
  /** Effects that are wanted or under way. */
  waiting: z.number(),
  timers: z.array(timerView),
  /** The record that last changed it. */
  seq,
  at: time.nullable(),
});

export const journalEntry = z.object({
  seq,
  at: time,
  kind: z.string(),
  subject: z.string(),
  code: z.string().nullable(),
  correlation: z.string().nullable(),
  actors: z.array(z.string()),
  /** In a few words: `venue.order, 3 transitions`. */
  summary: z.string(),
  /** Its actors were put back to where they were: something in it failed. */
  isUndone: z.boolean(),
});

export const messageView = z.object({
  seq,
  index: z.number(),
  at: time,
  /** Null for what came from outside: a command, a report of the venue, a timer. */
  from: z.string().nullable(),
  to: z.string(),
  event: z.string(),
  /** What it led to, in words: `NEW → PARTIAL`. */
  effect: z.string(),
  isIgnored: z.boolean(),
});

/** What an event would do. */
export const whatIfView = z.object({
  isIgnored: z.boolean(),
  from: z.array(z.string()),
  to: z.array(z.string()),
  edges: z.array(z.string()),
  guards: z.array(guardView),
  changed: z.record(z.string(), changeView),
  /** What it would send, start, stop or ask for, in words. */
  wants: z.array(z.string()),
  /** Why the machine threw, or null. */
  error: z.string().nullable(),
});

export const machineRoutes = {
  "GET /api/v1/ledgers": {
    role: "view",
    summary: "List the ledgers that can be looked into",
    changes: "nothing",
    reply: z.object({
      ledgers: z.array(
        z.object({ name: z.string(), isOwn: z.boolean(), bytes: z.number(), changedAt: time }),
      ),
    }),
  },
  "GET /api/v1/machines": {
    role: "view",
    summary: "List the kinds of machine",
    changes: "nothing",
    reply: z.object({
      machines: z.array(
        z.object({ kind: z.enum(actorKinds), states: z.number(), live: z.number() }),
      ),
    }),
  },
  "GET /api/v1/machines/:kind": {
    role: "view",
    summary: "Show the statechart of a kind of machine, laid out",
    changes: "nothing",
    reply: chartView,
  },
  "GET /api/v1/actors": {
    role: "view",
    summary: "List actors: those that live, or the archived ones that match a text",
    changes: "nothing",
    query: z.strictObject({
      ...ofLedger,
      text: z.string().max(200).optional(),
      archived: z.enum(["yes", "no"]).default("no"),
      limit: z.coerce.number().int().min(1).max(2_000).default(500),
    }),
    reply: z.object({ actors: z.array(actorRow), more: z.boolean(), seq, indexed }),
  },
  "GET /api/v1/actors/:name": {
    role: "view",
    summary: "Show an actor as it is, or as it stood after a record",
    changes: "nothing",
    query: z.strictObject({ ...ofLedger, seq: asSeq.optional() }),
    reply: momentView,
  },
  "GET /api/v1/actors/:name/steps": {
    role: "view",
    summary: "List an actor's transitions, oldest first: the last ones, or those around a record",
    changes: "nothing",
    query: z.strictObject({
      ...ofLedger,
      before: asSeq.optional(),
      after: asSeq.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ steps: z.array(stepView), more: z.boolean(), indexed }),
  },
  "GET /api/v1/sequences/:correlation": {
    role: "view",
    summary: "Show what the actors of one position said to each other",
    changes: "nothing",
    query: z.strictObject({ ...ofLedger }),
    reply: z.object({
      correlation: z.string(),
      /** In the order of their first message. */
      actors: z.array(z.string()),
      messages: z.array(messageView),
      /** Whether the end was cut off. */
      isCut: z.boolean(),
      indexed,
    }),
  },
  "GET /api/v1/timeline": {
    role: "view",
    summary: "Show how much happened when, in equal parts of the journal, for a time slider",
    changes: "nothing",
    query: z.strictObject({ ...ofLedger, actor: z.string().max(200).optional() }),
    reply: z.object({
      first: z.object({ seq, at: time }).nullable(),
      last: z.object({ seq, at: time }).nullable(),
      parts: z.array(
        z.object({ seq, at: time, records: z.number(), trades: z.number(), alarms: z.number() }),
      ),
      indexed,
    }),
  },
  "GET /api/v1/moment": {
    role: "view",
    summary: "Find the last record at or before a time",
    changes: "nothing",
    query: z.strictObject({ ...ofLedger, at: z.coerce.number() }),
    reply: z.object({ seq, at: time }),
  },
  "POST /api/v1/what-if": {
    role: "view",
    summary: "Say what an event would do to an actor, without doing it",
    changes: "nothing",
    body: z.strictObject({
      ...ofLedger,
      actor: z.string().max(200),
      /** As it stood after this record; as it is now where left out. */
      seq: seq.optional(),
      event: z.object({ type: z.string().max(200) }).catchall(z.unknown()),
    }),
    reply: whatIfView,
  },
  "POST /api/v1/actors/:name/send": {
    role: "operate",
    summary: "Send an event to an actor by hand: on paper alone, from an allow list, recorded",
    changes: "desk",
    body: z.strictObject({
      event: z.object({ type: z.string().max(200) }).catchall(z.unknown()),
      reason: z.string().max(500).default(""),
      /** The record that last changed the actor, as it was seen. */
      expectedSeq: seq,
      idempotencyKey: z.string().min(16).max(64),
    }),
    reply: z.object({ done: z.boolean(), text: z.string() }),
  },
  "GET /api/v1/journal": {
    role: "view",
    summary: "Search the journal, newest first",
    changes: "nothing",
    query: z.strictObject({
      ...ofLedger,
      kind: z.string().max(40).optional(),
      subject: z.string().max(200).optional(),
      actor: z.string().max(200).optional(),
      event: z.string().max(200).optional(),
      code: z.string().max(40).optional(),
      correlation: z.string().max(200).optional(),
      /** Times of the desk, Unix milliseconds. */
      from: z.coerce.number().optional(),
      until: z.coerce.number().optional(),
      /** Only records before this one: the last of the page before. */
      before: asSeq.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ entries: z.array(journalEntry), more: z.boolean(), indexed }),
  },
  "GET /api/v1/journal/:seq": {
    role: "view",
    summary: "Show one record of the journal, whole",
    changes: "nothing",
    query: z.strictObject({ ...ofLedger }),
    reply: z.object({
      entry: journalEntry,
      content: plain,
      hash: z.string(),
      previous: seq.nullable(),
      next: seq.nullable(),
    }),
  },
} as const satisfies RouteTable;

export type TimerView = z.input<typeof timerView>;
export type StepView = z.input<typeof stepView>;
export type MomentView = z.input<typeof momentView>;
export type ActorRow = z.input<typeof actorRow>;
export type JournalEntryView = z.input<typeof journalEntry>;
export type MessageView = z.input<typeof messageView>;
export type WhatIfView = z.input<typeof whatIfView>;
