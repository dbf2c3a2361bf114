import type { EventObject } from "xstate";
import {
  type Command,
  type CommandName,
  type SettlementName,
  settlementNames,
} from "../../machines/domain/command.ts";
import { type Decimal, isZero, subtract, zero } from "../../machines/domain/decimal.ts";
import { accountKey, actorName, type VenueAccount } from "../../machines/domain/ids.ts";
import type { VenueOrder } from "../../machines/domain/order.ts";
import type { OrderContext, OrderInput, OrderSettings } from "../../machines/order.types.ts";
import type { Books } from "../account/mod.ts";
import type { ActorSystem, Turn } from "../runtime/mod.ts";
import type { AccountReading } from "./account-reading.ts";
import type { Reconciling } from "./reconciling.ts";

/** What it takes to settle by the operator's word what nothing proves. */
export interface SettlementScope {
  readonly system: ActorSystem;
  readonly books: Books;
  readonly reconciling: Reconciling;
  /** Settings of a claimed order. */
  readonly orderSettings: OrderSettings;
}

interface Answer {
  readonly done: boolean;
  readonly text: string;
}

/** An answer, or what is to be done once the command is in the journal. */
type Judged =
  | { readonly refusal: string }
  | { readonly text: string; readonly act: (turn: Turn) => void };

const verbs: Readonly<Record<SettlementName, string>> = {
  accept: "accept",
  resolve: "resolve",
  claim: "claim",
  cancelForeign: "cancel foreign order",
};

export function isSettlement(name: CommandName): name is SettlementName {
  return settlementNames.some((each) => each === name);
}

/** What the command is answered with, or why it is refused: said before anything happens. */
export function judgeSettlement(command: Command, scope: SettlementScope): Answer {
  const judged = judge(command, scope);
  if (!("refusal" in judged)) return { done: true, text: judged.text };
  const verb = verbs[command.name as SettlementName];
  return { done: false, text: `Cannot ${verb}: ${judged.refusal}` };
}

/** Does what was judged to be possible, within the command's turn. */
export function settle(command: Command, scope: SettlementScope, turn: Turn): void {
  const judged = judge(command, scope);
  if ("act" in judged) judged.act(turn);
}

function judge(command: Command, scope: SettlementScope): Judged {
  if (command.reason === "" && command.name !== "claim") {
    return { refusal: "a reason is needed, for the record" };
  }
  switch (command.name) {
    case "accept":
      return judgeAccept(command, scope);
    case "resolve":
      return judgeResolve(command, scope);
    default:
      return judgeClaim(command, scope);
  }
}

const byWhom = ({ who, reason }: Command) => `by ${who}${reason === "" ? "" : `: ${reason}`}`;

function readAgain({ system }: SettlementScope, at: VenueAccount): void {
  system.send(actorName.reconciler(at), { type: "reconcile.now" });
}

/** Books exactly the difference that was last seen, if it still stands. */
function judgeAccept(command: Command, scope: SettlementScope): Judged {
  const { target, details = {}, idempotencyKey } = command;
  const { coin = "", difference: expected } = details;
  const { reconciling, books } = scope;
  const readings = [...reconciling.readings.values()].filter(
    ({ at }) => target === null || accountKey(at) === target,
  );
  if (readings.length === 0) {
    return { refusal: `account "${target ?? "of this desk"}" was not read yet` };
  }
  const differing = readings.filter((each) => each.differences.some((one) => one.coin === coin));
  const [reading, another] = differing;
  if (!reading)
    return { refusal: `no difference of "${coin}" is known, nothing is to be accepted` };
  if (another) {
    const keys = differing.map(({ at }) => accountKey(at)).join(", ");
    return { refusal: `"${coin}" differs on ${keys}, wanted one of them with --account` };
  }
  const { at } = reading;
  const unsettled = reconciling.unsettledOf(at);
  if (unsettled.length > 0) {
    return { refusal: `the fate of ${unsettled.join(", ")} may explain it and is not known yet` };
  }
  const difference = differenceIn(reading, coin);
  const before = reading.ledger.get(coin) ?? zero;
  const now = books.balancesOf(at).get(coin) ?? zero;
  if (now !== before || isZero(difference)) {
    return { refusal: `the ledger moved from ${before} to ${now} ${coin} since it was compared` };
  }
  if (expected !== undefined && expected !== difference) {
    return { refusal: `the difference of ${coin} is ${difference} now, not ${expected}` };
  }
  return {
    text: `accepted: ${difference} ${coin} is booked on ${accountKey(at)}, which is read again`,
    act(turn) {
      const entryId = `accepted/${accountKey(at)}/${coin}/${idempotencyKey}`;
      const cause = `accepted ${byWhom(command)}`;
      reconciling.book(turn, at, [{ entryId, coin, amount: difference, cause }]);
      readAgain(scope, at);
    },
  };
}

function differenceIn({ balances, ledger }: AccountReading, coin: string): Decimal {
  const venue = balances.find((each) => each.coin === coin)?.total ?? zero;
  return subtract(venue, ledger.get(coin) ?? zero);
}

/** The operator's word on an order whose fate nothing proves. */
function judgeResolve(command: Command, scope: SettlementScope): Judged {
  const { target, details = {} } = command;
  const { fate, venueOrderId } = details;
  const { system, books } = scope;
  const name = actorName.order(target ?? "");
  const snapshot = system.snapshot(name);
  if (!snapshot) return { refusal: `no order "${target ?? ""}" is under way` };
  const context = snapshot.context as OrderContext;
  const { at } = context.intent;
  if (!snapshot.hasTag("unknown")) {
    return { refusal: `the fate of "${target}" is known, it is not in doubt` };
  }
  const by = byWhom(command);
  if (fate === "absent") {
    return {
      text: `resolved: "${target}" counts as absent and ends; it is not sent again`,
      act(turn) {
        system.send(name, { type: "order.absent", by, at: turn.at } as EventObject);
        readAgain(scope, at);
      },
    };
  }
  if (fate !== "placed") return { refusal: `fate "${fate ?? ""}", wanted placed or absent` };
  if (venueOrderId === undefined || venueOrderId === "") {
    return { refusal: "it was placed under what id? wanted the venue's with --venue-order" };
  }
  const known = context.venueOrderId;
  if (known !== null && known !== venueOrderId) {
    return { refusal: `the venue knows it as "${known}", not "${venueOrderId}"` };
  }
  const other = books.intentOf(at, null, venueOrderId);
  if (other && other.intentId !== target) {
    return { refusal: `order "${venueOrderId}" is that of "${other.intentId}"` };
  }
  return {
    text: `resolved: "${target}" is looked for at the venue as "${venueOrderId}"`,
    act(turn) {
      const event = { type: "order.placed", venueOrderId, by, at: turn.at } as EventObject;
      system.send(name, event);
    },
  };
}

/** Takes an order that nobody here placed under the desk's care, to be watched or to be ended. */
function judgeClaim(command: Command, scope: SettlementScope): Judged {
  const { target, details = {}, name } = command;
  const { system, reconciling } = scope;
  const readings = [...reconciling.readings.values()].filter(
    ({ at }) => details.account === undefined || accountKey(at) === details.account,
  );
  const found = readings.flatMap((reading) =>
    reading.claimable
      .filter(({ venueOrderId }) => venueOrderId === target)
      .map((order) => ({ reading, order })),
  );
  const live = readings
    .map(({ at }) => actorName.order(claimedId(at, target ?? "")))
    .find((each) => system.snapshot(each) !== undefined);
  const ends = name === "cancelForeign";
  const cancel = { type: "order.cancel", reason: byWhom(command) } as EventObject;
  if (live !== undefined) {
    if (!ends) return { refusal: `order "${target}" is claimed already` };
    return {
      text: `order "${target}" is being cancelled`,
      act: () => system.send(live, cancel),
    };
  }
  const [one, another] = found;
  if (!one) {
    return { refusal: `no order "${target ?? ""}" of somebody else was seen at the venue` };
  }
  if (another) return { refusal: "more than one account has it, wanted one with --account" };
  const { at, takenAt } = one.reading;
  const input = claimedInput(at, one.order, takenAt, scope.orderSettings);
  const actor = actorName.order(input.intent.intentId);
  return {
    text: ends
      ? `order "${target}" is claimed and is being cancelled`
      : `order "${target}" is claimed: it rests on, its fills are booked, no position owns it`,
    act() {
      system.send(actorName.desk, { type: "order.claim", input } as EventObject);
      if (ends) system.send(actor, cancel);
      readAgain(scope, at);
    },
  };
}

function claimedId(at: VenueAccount, venueOrderId: string): string {
  return `${accountKey(at)}/foreign/${venueOrderId}`;
}

/**
 * The order as if it were made anew from a ledger that knows no fill of it: those since it was last
 * seen are booked when the venue tells them, those before were in the balances.
 */
function claimedInput(
  at: VenueAccount,
  order: VenueOrder,
  seenAt: number,
  settings: OrderSettings,
): OrderInput {
  const { venueOrderId, symbol, side, type, quantity, price, stopPrice } = order;
  const intentId = claimedId(at, venueOrderId);
  // Its own client id may be that of an order of this ledger: it goes by the venue's.
  const clientOrderId = `foreign-${venueOrderId}`;
  const attempt = { number: 1, clientOrderId, quantity, price, sentAt: seenAt };
  return {
    intent: {
      ...{ intentId, at, symbol, positionId: intentId, role: "foreign", side, type },
      ...{ quantity, price, stopPrice, timeInForce: "gtc", postOnly: false },
      ...{ expiresAt: null, patienceMs: null, createdAt: seenAt },
    },
    clientOrderId,
    settings,
    named: venueOrderId,
    recovered: {
      ...{ attempts: [attempt], venueOrderId, filled: zero, filledFor: zero },
      ...{ ended: null, at: seenAt },
    },
  };
}
