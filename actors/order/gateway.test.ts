import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../../machines/domain/decimal.ts";
import type { Fill } from "../../machines/domain/fill.ts";
import type { OrderRole, VenueOrder } from "../../machines/domain/order.ts";
import type {
  AmendInput,
  CancelInput,
  LookUpInput,
  SubmitInput,
} from "../../machines/order.types.ts";
import { keyedDraws, VirtualClock } from "../runtime/mod.ts";
import { drawClientOrderId, orderEffects } from "./gateway.ts";
import type { Found, Reply, Venue } from "./ports.ts";

const at = { venue: "paper", account: "main" };
const [latestAcceptMs, readLagMs] = [5_000, 2_000];
const sentAt = 1_000_000;

const order: VenueOrder = {
  venueOrderId: "V1",
  clientOrderId: "nv00",
  symbol: "BTC/USD",
  side: "buy",
  type: "limit",
  quantity: decimal("0.5"),
  price: decimal("100"),
  stopPrice: null,
  state: "open",
  filled: decimal(0),
  reason: null,
  createdAt: sentAt,
  updatedAt: sentAt,
};
const fill: Fill = {
  tradeId: "T1",
  venueOrderId: "V1",
  clientOrderId: "nv00",
  symbol: "BTC/USD",
  side: "buy",
  price: decimal("100"),
  quantity: decimal("0.1"),
  fee: decimal(0),
  feeCoin: "USD",
  liquidity: "maker",
  at: sentAt,
};
const request = {
  clientOrderId: "nv00",
  symbol: "BTC/USD",
  side: "buy",
  type: "limit",
  quantity: decimal("0.5"),
  price: decimal("100"),
  stopPrice: null,
  timeInForce: "gtc",
  postOnly: false,
  expiresAt: null,
} as const;
const inputs = {
  submit: { at, role: "entry", request } as SubmitInput,
  amend: { at, role: "stop", request: { ...request, venueOrderId: "V1" } } as AmendInput,
  cancel: {
    at,
    request: { venueOrderId: "V1", clientOrderId: "nv00", symbol: "BTC/USD" },
  } as CancelInput,
  lookUp: {
    at,
    symbol: "BTC/USD",
    intentId: "paper:main/BTC/USD/1/entry",
    clientOrderId: "nv00",
    nextAttempt: 2,
    doubt: "submit",
    since: sentAt,
    known: false,
    wanted: null,
    side: "buy",
    quantity: decimal("0.5"),
  } as LookUpInput,
};
type Name = keyof typeof inputs | "fetchFills";

interface Case {
  readonly reply?: Reply<unknown> | Error;
  readonly again?: boolean;
  readonly input?: object;
  /** Milliseconds since `sentAt` at which the effect begins, and that its request takes. */
  readonly now?: number;
  readonly takes?: number;
  readonly stopped?: string | null;
}

/** Runs one effect against a venue that gives one reply. */
async function run(name: Name, options: Case = {}) {
  const clock = new VirtualClock(sentAt + (options.now ?? 0));
  const calls: string[] = [];
  const answer = (method: string) => async () => {
    calls.push(method);
    clock.advanceTo(clock.now() + (options.takes ?? 0));
    if (options.reply instanceof Error) throw options.reply;
    return options.reply;
  };
  const venue = {
    at,
    assumptions: { latestAcceptMs, readLagMs, amends: true },
    submit: answer("submit"),
    amend: answer("amend"),
    cancel: answer("cancel"),
    lookUp: answer("lookUp"),
  } as unknown as Venue;
  const effects = orderEffects({
    holdsLease: () => true,
    venueOf: () => venue,
    clock,
    draws: keyedDraws(1),
    reached: (point) => calls.push(point),
    exposureStopped: () => options.stopped ?? null,
  });
  const base = name === "fetchFills" ? inputs.lookUp : inputs[name];
  const input = { ...base, ...options.input };
  const event = await effects[name]?.(input as never, {
    owner: "order:1",
    again: options.again ?? false,
  });
  return { event: event as unknown, calls };
}

const confirmed = <T>(value: T): Reply<T> => ({ type: "confirmed", value });
const unknown: Reply<never> = { type: "unknown", cause: "timed out" };
const refused: Reply<never> = { type: "refused", code: "belowMinimum", text: "too small" };
const found = (orders: readonly VenueOrder[], fills: readonly Fill[] = []): Reply<Found> =>
  confirmed({ orders, fills });

describe.each(["submit", "amend", "cancel"] as const)("%s", (name) => {
  test("confirmed carries the order as the venue has it", async () => {
    const { event, calls } = await run(name, { reply: confirmed(order) });
    expect({ event, calls }).toEqual({
      event: { type: `${name}.confirmed`, order },
      calls: [`${name}.beforeSend`, name, `${name}.afterSend`, `${name}.afterReply`],
    });
  });

  test("refused carries the venue's words", async () => {
    const { event } = await run(name, { reply: refused });
    expect(event).toMatchObject({
      type: `${name}.refused`,
      code: "belowMinimum",
      text: "too small",
    });
  });

  test("unknown is in doubt since the answer came, for the request may have left late", async () => {
    const { event } = await run(name, { reply: unknown, takes: 900 });
    expect(event).toEqual({ type: `${name}.unknown`, cause: "timed out", since: sentAt + 900 });
  });

  test("by a venue that throws, which it must not, is unknown and never a no", async () => {
    const { event } = await run(name, { reply: new TypeError("socket closed"), takes: 900 });
    expect(event).toEqual({
      type: `${name}.unknown`,
      cause: "TypeError: socket closed",
      since: sentAt + 900,
    });
  });

  test("after a restart is never sent, but in doubt since then", async () => {
    const { event, calls } = await run(name, { reply: confirmed(order), again: true, now: 77 });
    expect({ event, calls }).toEqual({
      event: { type: `${name}.unknown`, cause: "the desk was restarted", since: sentAt + 77 },
      calls: [],
    });
  });
});

describe("submit while exposure is stopped", () => {
  const cases: readonly [role: OrderRole, isSent: boolean][] = [
    ["entry", false],
    ["stop", true],
    ["exit", true],
  ];
  test.each(cases)("of role %s is sent: %p", async (role, isSent) => {
    const stopped = 'brake "halt/desk": by operator';
    const { event, calls } = await run("submit", {
      input: { role },
      stopped,
      reply: confirmed(order),
    });
    expect({ event, isSent: calls.includes("submit") }).toEqual({
      event: isSent
        ? { type: "submit.confirmed", order }
        : { type: "submit.denied", reason: stopped },
      isSent,
    });
  });

  test("after a restart is looked up, not denied: it may rest at the venue", async () => {
    const { event } = await run("submit", { stopped: "halt", again: true });
    expect(event).toMatchObject({ type: "submit.unknown" });
  });
});

describe("lookUp", () => {
  const past = latestAcceptMs + readLagMs;
  const unclear = (cause: string) => ({ type: "lookUp.unclear", cause });
  const disagree = (count: number) => unclear(`${count} orders under "nv00" do not agree`);
  const wanted = { quantity: decimal("0.5"), price: decimal("101"), stopPrice: null };
  const amended = { ...order, price: decimal("101") };
  const canceled: VenueOrder = { ...order, state: "canceled" };
  const amending = { doubt: "amend", known: true, wanted };
  const canceling = { doubt: "cancel", known: true };
  const mayLand = unclear("the request may still land");
  const isFound = (which: VenueOrder, fills: readonly Fill[] = []) => ({
    type: "lookUp.found",
    order: which,
    fills,
  });
  const cases: readonly [name: string, options: Case, event: object][] = [
    ["found is proof at once", { reply: found([order], [fill]) }, isFound(order, [fill])],
    [
      "of an amended order by its other quantity is the same order where a submit is not in doubt",
      { reply: found([{ ...order, quantity: decimal("0.4") }]), input: { doubt: "order" } },
      isFound({ ...order, quantity: decimal("0.4") }),
    ],
    [
      "of another symbol is a namesake",
      { reply: found([{ ...order, symbol: "ETH/USD" }]), now: past },
      disagree(1),
    ],
    [
      "of the other side is a namesake",
      { reply: found([{ ...order, side: "sell" }]), now: past },
      disagree(1),
    ],
    [
      "of another quantity is a namesake",
      { reply: found([{ ...order, quantity: decimal("0.4") }]), now: past },
      disagree(1),
    ],
    [
      "of two orders that both match is unclear",
      { reply: found([order, { ...order, venueOrderId: "V2" }]), now: past },
      disagree(2),
    ],
    [
      "of a match beside a namesake is unclear",
      { reply: found([order, { ...order, side: "sell" }]), now: past },
      disagree(2),
    ],
    [
      "absent a moment too early is unclear",
      { reply: found([]), now: past - 1 },
      unclear("the order may still be placed"),
    ],
    [
      "absent after the last moment is proof, and draws the next attempt's id",
      { reply: found([]), now: past },
      {
        type: "lookUp.absent",
        evidence: "absent from every source after it could no longer be placed",
        fills: [],
        clientOrderId: drawClientOrderId(keyedDraws(1), inputs.lookUp.intentId, 2),
        at: sentAt + past,
      },
    ],
    [
      "absent in an answer that was asked for too early is unclear, however late it comes",
      { reply: found([]), now: past - 1, takes: 60_000 },
      unclear("the order may still be placed"),
    ],
    [
      "absent of an order that the venue confirmed once proves nothing",
      { reply: found([]), now: 10 * past, input: { known: true } },
      unclear("the venue does not list an order that it confirmed"),
    ],
    [
      "absent with fills is unclear, and the fills are brought to the books",
      { reply: found([], [fill]), now: 10 * past },
      { ...unclear("the venue lists fills of an order that it does not list"), fills: [fill] },
    ],
    ["that is unknown is unclear", { reply: unknown, now: past }, unclear("timed out")],
    ["that is refused is unclear", { reply: refused, now: past }, unclear("too small")],
    [
      "of a venue that throws is unclear",
      { reply: new Error("reset"), now: past },
      unclear("Error: reset"),
    ],
    [
      "of an amend that shows is proof",
      { reply: found([amended]), input: amending },
      isFound(amended),
    ],
    [
      "of an amend that does not show may still land",
      { reply: found([order]), input: amending, now: past - 1 },
      mayLand,
    ],
    [
      "of an amend that did not show in time is proof that it did not happen",
      { reply: found([order]), input: amending, now: past },
      isFound(order),
    ],
    [
      "of an amend on an order that is over is proof",
      { reply: found([canceled]), input: amending },
      isFound(canceled),
    ],
    [
      "of a cancel that shows is proof",
      { reply: found([canceled]), input: canceling },
      isFound(canceled),
    ],
    [
      "of a cancel that does not show may still land",
      { reply: found([order]), input: canceling, now: past - 1 },
      mayLand,
    ],
    [
      "of a cancel that did not show in time is proof that it did not happen",
      { reply: found([order]), input: canceling, now: past },
      isFound(order),
    ],
  ];
  test.each(cases)("%s", async (_, options, event) => {
    expect((await run("lookUp", options)).event).toEqual(event);
  });

  test("after a restart is simply made again", async () => {
    const { event, calls } = await run("lookUp", { reply: found([order]), again: true });
    expect({ event, isAsked: calls.includes("lookUp") }).toEqual({
      event: isFound(order),
      isAsked: true,
    });
  });

  test("is absent for no reply but one that is sound, empty and asked for late enough", async () => {
    const orders = fc.subarray<VenueOrder>([order, canceled, { ...order, side: "sell" }]);
    const reply = fc.oneof(
      fc.constant<Reply<Found>>(unknown),
      fc.constant<Reply<Found>>(refused),
      fc.tuple(orders, fc.subarray([fill])).map(([some, fills]) => found(some, fills)),
    );
    const input = fc.record({
      doubt: fc.constantFrom("submit", "amend", "cancel", "order"),
      known: fc.boolean(),
    });
    const time = fc.integer({ min: 0, max: 2 * past });
    await fc.assert(
      fc.asyncProperty(reply, input, time, time, async (reply, input, now, takes) => {
        const { event } = await run("lookUp", { reply, input, now, takes });
        const isProved =
          reply.type === "confirmed" &&
          reply.value.orders.length === 0 &&
          reply.value.fills.length === 0 &&
          !input.known &&
          now >= past;
        expect((event as { type: string }).type === "lookUp.absent").toBe(isProved);
      }),
      { seed: 20260104, numRuns: 500 },
    );
  });
});

describe("fetchFills", () => {
  const cases: readonly [name: string, reply: Reply<Found> | Error, event: object][] = [
    ["brings the fills", found([order], [fill]), { type: "fills.fetched", fills: [fill] }],
    ["that is unknown is unclear", unknown, { type: "fills.unclear", cause: "timed out" }],
    ["that is refused is unclear", refused, { type: "fills.unclear", cause: "too small" }],
    [
      "of a venue that throws is unclear",
      new Error("reset"),
      { type: "fills.unclear", cause: "Error: reset" },
    ],
  ];
  test.each(cases)("%s", async (_, reply, event) => {
    expect((await run("fetchFills", { reply })).event).toEqual(event);
  });
});

describe("drawClientOrderId()", () => {
  test("is nv and 16 hexadecimal digits, another for each intent and attempt", () => {
    const draws = keyedDraws(1);
    const ids = [
      drawClientOrderId(draws, "a", 1),
      drawClientOrderId(draws, "a", 2),
      drawClientOrderId(draws, "b", 1),
    ];
    for (const id of ids) expect(id).toMatch(/^nv[0-9a-f]{16}$/);
    expect(new Set(ids).size).toBe(3);
    expect(drawClientOrderId(keyedDraws(1), "a", 1)).toBe(ids[0] ?? "");
  });
});
