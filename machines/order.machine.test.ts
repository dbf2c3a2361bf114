import { describe, expect, test } from "bun:test";
import { decimal } from "./domain/decimal.ts";
import type { OrderEvent } from "./order.types.ts";
import {
  absent,
  after,
  amend,
  amendUnknown,
  cancel,
  cancelRefused,
  cancelUnknown,
  confirmed,
  declaredAbsent,
  denied,
  found,
  half,
  placedAt,
  refused,
  region,
  type Step,
  says,
  submitUnknown,
  thrown,
  unclear,
  whole,
} from "./order-events.fixture.ts";
import { venueOrder } from "./samples.fixture.ts";

/** How to come to each state of region `held`, with nothing asked where that can be. */
const heldStates: Readonly<Record<string, readonly Step[]>> = {
  new: [],
  open: [confirmed],
  triggered: [confirmed, says("triggered")],
  partial: [confirmed, half],
  filled: [confirmed, whole],
  canceled: [confirmed, says("canceled")],
  expired: [confirmed, says("expired")],
  rejected: [confirmed, says("rejected")],
  denied: [denied],
};

const heldEvents: Readonly<Record<string, OrderEvent>> = {
  "open report": says("open", { updatedAt: 2 }),
  "partial report": says("partial", { updatedAt: 2 }),
  "triggered report": says("triggered", { updatedAt: 2 }),
  "canceled report": says("canceled", { updatedAt: 2 }),
  "expired report": says("expired", { updatedAt: 2 }),
  "rejected report": says("rejected", { updatedAt: 2 }),
  "filled report": says("filled", { updatedAt: 2, filled: decimal(1) }),
  "fill of a part": half,
  "fill of the whole": whole,
};

/** Where each event leads from each state; a state that is not named is kept. */
const heldTable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  new: {
    "open report": "open",
    "partial report": "open",
    "triggered report": "triggered",
    "canceled report": "canceled",
    "expired report": "expired",
    "rejected report": "rejected",
    "fill of a part": "partial",
    "fill of the whole": "filled",
  },
  open: {
    "triggered report": "triggered",
    "canceled report": "canceled",
    "expired report": "expired",
    "rejected report": "rejected",
    "fill of a part": "partial",
    "fill of the whole": "filled",
  },
  triggered: {
    "canceled report": "canceled",
    "expired report": "expired",
    "rejected report": "rejected",
    "fill of a part": "partial",
    "fill of the whole": "filled",
  },
  partial: {
    "canceled report": "canceled",
    "expired report": "expired",
    "rejected report": "rejected",
    "fill of a part": "filled",
    "fill of the whole": "filled",
  },
  filled: {},
  canceled: {},
  expired: {},
  rejected: {},
  denied: {},
};

describe("what the venue holds", () => {
  for (const [state, steps] of Object.entries(heldStates)) {
    for (const [name, event] of Object.entries(heldEvents)) {
      const wanted = heldTable[state]?.[name] ?? state;
      test(`${state}, ${name} -> ${wanted}`, () => {
        const stepper = after(...steps);
        expect(region(stepper, "held")).toBe(state);
        expect(region(stepper.send(event), "held")).toBe(wanted);
      });
    }
  }
});

const waiting = [unclear] as const;
/** How to come to each state of region `asked`. */
const askedStates: Readonly<Record<string, readonly Step[]>> = {
  none: [confirmed],
  "submitting.sent": [],
  "submitting.unknown.looking": [submitUnknown],
  "submitting.unknown.waiting": [submitUnknown, ...waiting],
  "amending.sent": [confirmed, amend],
  "amending.unknown.looking": [confirmed, amend, amendUnknown],
  "amending.unknown.waiting": [confirmed, amend, amendUnknown, ...waiting],
  "canceling.sent": [confirmed, cancel],
  "canceling.unknown.looking": [confirmed, cancel, cancelUnknown],
  "canceling.unknown.waiting": [confirmed, cancel, cancelUnknown, ...waiting],
  "canceling.resting": [
    confirmed,
    cancel,
    ...[1, 2, 3, 4].flatMap(() => [cancelRefused, found("open")]),
  ],
  "checking.looking": [confirmed, { type: "order.doubt", since: 5 }],
  "checking.waiting": [confirmed, { type: "order.doubt", since: 5 }, ...waiting],
};

const askedEvents: Readonly<Record<string, Step>> = {
  "submit.confirmed": confirmed,
  "submit.refused": refused,
  "submit.denied": denied,
  "submit.unknown": submitUnknown,
  "submit throws": thrown("submit"),
  "amend.confirmed": {
    type: "amend.confirmed",
    order: venueOrder("open", { quantity: decimal(2) }),
  },
  "amend.refused": { type: "amend.refused", code: "other", text: "no" },
  "amend.unknown": amendUnknown,
  "amend throws": thrown("amend"),
  "cancel.confirmed over": { type: "cancel.confirmed", order: venueOrder("canceled") },
  "cancel.confirmed live": { type: "cancel.confirmed", order: venueOrder("open") },
  "cancel.refused": cancelRefused,
  "cancel.unknown": cancelUnknown,
  "cancel throws": thrown("cancel"),
  "lookUp.found live": found("open"),
  "lookUp.found over": found("canceled"),
  "lookUp.absent": absent,
  "lookUp.unclear": unclear,
  "lookUp throws": thrown("lookUp"),
  "order.doubt": { type: "order.doubt", since: 7 },
  "order.amend": amend,
  "order.cancel": cancel,
  "order.absent": declaredAbsent,
  "order.placed": placedAt,
};

/** The operator's word counts while the fate is not known, and at no other time. */
const settled = (prefix: string) => ({
  "order.absent": "none",
  "order.placed": `${prefix}.looking`,
});
const looking = (prefix: string) => ({
  "lookUp.unclear": `${prefix}.waiting`,
  "lookUp throws": `${prefix}.waiting`,
});
/** What the venue says of an order counts whoever asked: legal, and nothing changes here. */
const always = {
  "submit.confirmed": "",
  "amend.confirmed": "",
  "cancel.confirmed over": "",
  "cancel.confirmed live": "",
  "lookUp.found live": "",
  "lookUp.found over": "",
  "order.doubt": "",
  "order.amend": "",
  "order.cancel": "",
};
/** While the order is new, its refusal and its absence are legal too. */
const whileNew = { ...always, "submit.refused": "", "submit.denied": "", "lookUp.absent": "" };

/** Where each event leads; "" is legal and keeps the state, what is not named is illegal. */
const askedTable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {
    ...always,
    "order.doubt": "checking.looking",
    "order.amend": "amending.sent",
    "order.cancel": "canceling.sent",
  },
  "submitting.sent": {
    ...whileNew,
    "submit.confirmed": "none",
    "submit.refused": "none",
    "submit.denied": "none",
    "submit.unknown": "submitting.unknown.looking",
    "submit throws": "submitting.unknown.looking",
  },
  "submitting.unknown.looking": {
    ...whileNew,
    ...settled("submitting.unknown"),
    ...looking("submitting.unknown"),
    "lookUp.found live": "none",
    "lookUp.found over": "none",
    "lookUp.absent": "submitting.sent",
  },
  "submitting.unknown.waiting": {
    ...whileNew,
    ...settled("submitting.unknown"),
    "lookUp.found live": "none",
    "lookUp.found over": "none",
    "lookUp.absent": "submitting.sent",
  },
  "amending.sent": {
    ...always,
    "amend.confirmed": "none",
    "amend.refused": "checking.looking",
    "amend.unknown": "amending.unknown.looking",
    "amend throws": "amending.unknown.looking",
  },
  "amending.unknown.looking": {
    ...always,
    ...settled("amending.unknown"),
    ...looking("amending.unknown"),
    "lookUp.found live": "amending.sent",
    "lookUp.found over": "none",
    "lookUp.absent": "amending.unknown.waiting",
  },
  "amending.unknown.waiting": {
    ...always,
    ...settled("amending.unknown"),
    "lookUp.found live": "amending.sent",
    "lookUp.found over": "none",
  },
  "canceling.sent": {
    ...always,
    "cancel.confirmed over": "none",
    "cancel.confirmed live": "canceling.unknown.looking",
    "cancel.refused": "canceling.unknown.looking",
    "cancel.unknown": "canceling.unknown.looking",
    "cancel throws": "canceling.unknown.looking",
  },
  "canceling.unknown.looking": {
    ...always,
    ...settled("canceling.unknown"),
    ...looking("canceling.unknown"),
    "lookUp.found live": "canceling.sent",
    "lookUp.found over": "none",
    "lookUp.absent": "canceling.unknown.waiting",
  },
  "canceling.unknown.waiting": {
    ...always,
    ...settled("canceling.unknown"),
    "lookUp.found live": "canceling.sent",
    "lookUp.found over": "none",
  },
  "canceling.resting": {
    ...always,
    "cancel.confirmed over": "none",
    "lookUp.found over": "none",
  },
  "checking.looking": {
    ...always,
    ...settled("checking"),
    ...looking("checking"),
    "order.cancel": "canceling.sent",
    "lookUp.found live": "none",
    "lookUp.found over": "none",
    "lookUp.absent": "checking.waiting",
  },
  "checking.waiting": {
    ...always,
    ...settled("checking"),
    "order.cancel": "canceling.sent",
    "lookUp.found live": "none",
    "lookUp.found over": "none",
  },
};

describe("what is asked of the venue", () => {
  for (const [state, steps] of Object.entries(askedStates)) {
    for (const [name, step] of Object.entries(askedEvents)) {
      const entry = askedTable[state]?.[name];
      const words = entry === undefined ? "stays, recorded as illegal" : entry || "stays";
      test(`${state}, ${name} -> ${words}`, () => {
        const stepper = after(...steps);
        expect(region(stepper, "asked")).toBe(state);
        if ("timer" in step) stepper.fire(step.timer);
        else stepper.send(step);
        const { illegal } = stepper.snapshot.context;
        expect({ asked: region(stepper, "asked"), illegal }).toEqual({
          asked: entry || state,
          illegal: entry === undefined ? 1 : 0,
        });
        expect(stepper.sentTo("desk").map(({ type }) => type)).toEqual(
          entry === undefined ? ["alarm.raised"] : [],
        );
      });
    }
  }

  test.each([
    ["submitting.unknown.waiting", "submitting.unknown.looking"],
    ["amending.unknown.waiting", "amending.unknown.looking"],
    ["canceling.unknown.waiting", "canceling.unknown.looking"],
    ["canceling.resting", "canceling.sent"],
    ["checking.waiting", "checking.looking"],
  ])("%s, its pause is over -> %s", (from, to) => {
    const stepper = after(...(askedStates[from] ?? [])).fire("lookUpRetry");
    expect(region(stepper, "asked")).toBe(to);
  });
});
