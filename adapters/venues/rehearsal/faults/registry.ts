/** What a fault can strike: a kind of request, or what the venue sends by itself. */
export const faultScopes = ["submit", "cancel", "amend", "read", "stream"] as const;
export type FaultScope = (typeof faultScopes)[number];
export type RequestScope = Exclude<FaultScope, "stream">;

const changes: readonly FaultScope[] = ["submit", "cancel", "amend"];
const requests: readonly FaultScope[] = ["submit", "cancel", "amend", "read"];
const stream: readonly FaultScope[] = ["stream"];

interface Definition {
  readonly applies: readonly FaultScope[];
  /** What it does, and what to know of it. */
  readonly does: string;
  /** Whether the request is carried out, unless the order says otherwise. */
  readonly accepts?: boolean;
  /** An HTTP status that it is answered with. */
  readonly status?: number;
  /** The only requests or channels that it can strike. */
  readonly targets?: readonly string[];
}

const cancels = ["CancelOrder", "CancelAll", "cancel_order", "cancel_all", "CancelOrders"] as const;
/** Channels whose messages are numbered: Kraken's own ones, and all of Coinbase's. */
const numbered = [
  ...["executions", "balances"],
  ...["user", "l2_data", "market_trades", "ticker", "ticker_batch", "candles", "status"],
] as const;

const definitions = {
  refuse: { applies: requests, does: "answered with an error, `text` or one of its kind" },
  dropBeforeAcceptance: { applies: requests, does: "socket reset, nothing done" },
  acceptThenReset: { applies: requests, does: "done, then the socket is reset", accepts: true },
  acceptThenBadGateway: {
    applies: requests,
    does: "done, answered with 502 and HTML",
    accepts: true,
  },
  acceptThenEmpty: {
    applies: requests,
    does: "done, answered with 200 and no body",
    accepts: true,
  },
  acceptThenCutJson: {
    applies: requests,
    does: "done, answered with 200 and the first half of the JSON",
    accepts: true,
  },
  acceptThenCutBody: {
    applies: requests,
    does: "done, the connection ends in the middle of the body",
    accepts: true,
  },
  acceptLate: {
    applies: changes,
    does: "socket reset; done `delayMs` (3000) of venue time later, if its deadline allows",
  },
  emptyResult: { applies: requests, does: "done, answered with an empty result", accepts: true },
  hangInHeaders: { applies: requests, does: "done, never answered", accepts: true },
  hangInBody: { applies: requests, does: "done, the body stops after its start", accepts: true },
  slow: { applies: requests, does: "done, answered `delayMs` (1000) later", accepts: true },
  tooManyRequests: { applies: requests, does: "429 with Retry-After, nothing done", status: 429 },
  banned: { applies: requests, does: "418 with Retry-After, nothing done", status: 418 },
  status500: { applies: requests, does: "500 with HTML, nothing done", status: 500 },
  status503: { applies: requests, does: "503 with HTML, nothing done", status: 503 },
  status520: { applies: requests, does: "done, 520 with HTML", accepts: true, status: 520 },
  status523: { applies: requests, does: "523 with HTML, nothing done", status: 523 },
  status524: { applies: requests, does: "done, 524 with HTML", accepts: true, status: 524 },
  invalidNonce: {
    applies: requests,
    does: "refused for its nonce, or token where there is none, though right",
  },
  maintenance: { applies: requests, does: "refused as unavailable" },
  staleRead: {
    applies: ["read"],
    does: "answered as things stood `delayMs` (5000) of venue time ago",
    accepts: true,
  },
  partialFill: {
    applies: ["submit"],
    does: "finds only `share` (0.5) at once, unless its market's book is fed by hand",
    accepts: true,
  },
  fillRacesCancel: {
    applies: ["cancel"],
    does: "the order fills, `share` (1) of what is left, just before the cancel arrives",
    targets: cancels,
    accepts: true,
  },
  fillAfterCancel: {
    applies: ["cancel"],
    does: "confirmed; `delayMs` (1000) of venue time later it fills, `share` (1), and then ends",
    targets: cancels,
  },
  duplicateMessage: { applies: stream, does: "sent twice" },
  reorderMessages: { applies: stream, does: "sent after the next one" },
  delayMessage: { applies: stream, does: "sent `delayMs` (500) of real time later, order kept" },
  loseMessage: { applies: stream, does: "never sent; its sequence number is used" },
  sequenceGap: {
    applies: stream,
    does: "a sequence number is left out, no message is",
    targets: numbered,
  },
  // Coinbase's books have no checksum: its channel is not among the targets.
  wrongChecksum: {
    applies: stream,
    does: "sent with a checksum that is not the book's",
    targets: ["book"],
  },
  silence: { applies: stream, does: "the connection stays open and is dead in both directions" },
  disconnect: { applies: stream, does: "the connection is reset instead" },
} satisfies Record<string, Definition>;

/** Faults that strike a request or a message. Restarts and the like are the control's own. */
export type FaultName = keyof typeof definitions;

export const faultRegistry: Readonly<Record<FaultName, Definition>> = definitions;
export const faultNames = Object.keys(definitions) as FaultName[];

/** One fault, to strike the next requests or messages that match. */
export interface FaultOrder {
  readonly name: FaultName;
  /** All that it applies to if not given. */
  readonly on?: readonly FaultScope[];
  /** How many it strikes; 1 if not given. */
  readonly count?: number;
  /** Whether the struck request is carried out, where its name does not say. */
  readonly accepts?: boolean;
  readonly delayMs?: number;
  /** Of a quantity, 0 to 1. */
  readonly share?: number;
  /** The venue's words for `refuse`. */
  readonly text?: string;
  /** Only requests whose name, or messages whose channel, is this: `AddOrder`, `executions`. */
  readonly target?: string;
}

/** What strikes, its open terms filled in. */
export interface Strike extends FaultOrder {
  readonly accepts: boolean;
  readonly status: number | null;
  /** Of which request or message, for the log. */
  readonly number: number;
}

/** @throws {RangeError} on a name, a scope or a number that makes no sense. */
export function checkedOrder(order: FaultOrder): FaultOrder {
  const definition = faultRegistry[order.name];
  if (definition === undefined) {
    throw new RangeError(
      `Cannot order fault "${order.name}": wanted one of ${faultNames.join(", ")}`,
    );
  }
  for (const scope of order.on ?? []) {
    if (definition.applies.includes(scope)) continue;
    const wanted = definition.applies.join(", ");
    throw new RangeError(`Cannot order fault "${order.name}" on "${scope}": wanted ${wanted}`);
  }
  const { count = 1, share = 1, delayMs = 0 } = order;
  if (!(Number.isSafeInteger(count) && count >= 1 && share >= 0 && share <= 1 && delayMs >= 0)) {
    throw new RangeError(
      `Cannot order fault "${order.name}" with count ${count}, share ${share}, delay ${delayMs}: ` +
        "wanted a count from 1, a share from 0 to 1 and no negative delay",
    );
  }
  return order;
}

/** Whether a fault can strike a request or message of this kind and name. */
export function canStrike(name: FaultName, on: FaultScope, target: string): boolean {
  const { applies, targets } = faultRegistry[name];
  return applies.includes(on) && (targets === undefined || targets.includes(target));
}
