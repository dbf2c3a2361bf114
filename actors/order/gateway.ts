import { compare } from "../../machines/domain/decimal.ts";
import type { VenueAccount } from "../../machines/domain/ids.ts";
import { addsExposure, isTerminal, type VenueOrder } from "../../machines/domain/order.ts";
import type {
  AmendInput,
  CancelInput,
  LookUpInput,
  NextAttempt,
  SubmitInput,
} from "../../machines/order.types.ts";
import type { Clock, CrashPoint, Draws, EffectHandler, Reached } from "../runtime/mod.ts";
import { ask, beforeClaim, isSameId } from "./named.ts";
import type { Found, Reply, Venue } from "./ports.ts";

export interface GatewayOptions {
  readonly venueOf: (at: VenueAccount) => Venue;
  /** Whether this process may still speak for the ledger. */
  readonly holdsLease: () => boolean;
  readonly clock: Clock;
  readonly draws: Draws;
  readonly reached: Reached;
  /** Why new exposure must not leave the process now, or null (P7). */
  readonly exposureStopped: (at: VenueAccount, symbol: string) => string | null;
}

/** `nv` and 16 hexadecimal digits: 18 characters, the most that Kraken takes as free text. */
export function drawClientOrderId(draws: Draws, intentId: string, attempt: number): string {
  return `nv${draws.hex(intentId, `attempt/${attempt}`, 16)}`;
}

/**
 * The only way from an order's machine to a venue. Each effect is safe to run twice: what may have
 * been sent before the process died is looked up, never sent again.
 */
export function orderEffects(options: GatewayOptions): Record<string, EffectHandler> {
  const { venueOf, holdsLease, clock, draws, reached, exposureStopped } = options;
  const send = sender(reached, holdsLease);

  const submit: EffectHandler = async (input: SubmitInput, { again }) => {
    if (again) return restarted("submit", clock.now());
    const stopped = addsExposure(input.role)
      ? exposureStopped(input.at, input.request.symbol)
      : null;
    if (stopped !== null) return { type: "submit.denied", reason: stopped };
    const reply = await send("submit", () => venueOf(input.at).submit(input.request));
    return verdict("submit", reply, clock.now());
  };

  const amend: EffectHandler = async (input: AmendInput, { again }) => {
    if (again) return restarted("amend", clock.now());
    // Another price for an entry is another chance for it to fill.
    const stopped = addsExposure(input.role)
      ? exposureStopped(input.at, input.request.symbol)
      : null;
    if (stopped !== null) return { type: "amend.denied", reason: stopped };
    const reply = await send("amend", () => venueOf(input.at).amend(input.request));
    return verdict("amend", reply, clock.now());
  };

  const cancel: EffectHandler = async (input: CancelInput, { again }) => {
    if (again) return restarted("cancel", clock.now());
    const reply = await send("cancel", () => venueOf(input.at).cancel(input.request));
    const { next } = input;
    const answer = verdict("cancel", reply, clock.now());
    return next && reply.type === "confirmed" ? { ...answer, next: drawNext(next) } : answer;
  };

  const drawNext = ({ intentId, attempt }: NonNullable<CancelInput["next"]>): NextAttempt => ({
    clientOrderId: drawClientOrderId(draws, intentId, attempt),
    at: clock.now(),
  });

  const lookUp: EffectHandler = async (input: LookUpInput) => {
    const venue = venueOf(input.at);
    // What the answer says is of when it was asked for, at the latest: while it was under way the
    // request in doubt may still have landed.
    const askedAt = clock.now();
    const reply = await send("lookUp", () => ask(venue, input));
    if (reply.type !== "confirmed") {
      const cause = reply.type === "refused" ? reply.text : reply.cause;
      return { type: "lookUp.unclear", cause };
    }
    const { latestAcceptMs, readLagMs } = venue.assumptions;
    const isPast = askedAt >= input.since + latestAcceptMs + readLagMs;
    const { intentId, nextAttempt: attempt } = input;
    return weigh(input, reply.value, isPast, () => drawNext({ intentId, attempt }));
  };

  const fetchFills: EffectHandler = async (input: LookUpInput) => {
    const reply = await send("lookUp", () => ask(venueOf(input.at), input));
    if (reply.type === "confirmed") {
      const { fills } = reply.value;
      return { type: "fills.fetched", fills, ...beforeClaim(input, fills) } as { type: string };
    }
    const cause = reply.type === "refused" ? reply.text : reply.cause;
    return { type: "fills.unclear", cause } as { type: string };
  };

  return { submit, amend, cancel, lookUp, fetchFills };
}

/**
 * Sends one request, with the moments around it at which a test pulls the plug. A venue must not
 * throw; where one does all the same, whether the request left is not known.
 */
function sender(reached: Reached, holdsLease: () => boolean) {
  return async <T>(
    name: "submit" | "amend" | "cancel" | "lookUp",
    request: () => Promise<Reply<T>>,
  ): Promise<Reply<T>> => {
    // The commit of the answer fails then, and ends the process.
    if (!holdsLease()) return { type: "unknown", cause: "the lease is lost: nothing was sent" };
    reached(`${name}.beforeSend` satisfies CrashPoint);
    const answer = attempt(request);
    reached(`${name}.afterSend` satisfies CrashPoint);
    const reply = await answer;
    reached(`${name}.afterReply` satisfies CrashPoint);
    return reply;
  };
}

async function attempt<T>(request: () => Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    return await request();
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { type: "unknown", cause };
  }
}

/** An event as it is told; its machine says what else it carries. */
type Told = { type: string };

function restarted(name: string, since: number): { type: string } {
  return { type: `${name}.unknown`, cause: "the desk was restarted", since } as { type: string };
}

/**
 * @param since when the answer came: the request left before, but it may have waited on its way out.
 */
function verdict(name: string, reply: Reply<VenueOrder>, since: number): { type: string } {
  switch (reply.type) {
    case "confirmed":
      return { type: `${name}.confirmed`, order: reply.value } as { type: string };
    case "refused":
      // An order under that id exists: it may well be this one, sent before.
      if (name === "submit" && reply.code === "duplicateClientOrderId") {
        return { type: "submit.unknown", cause: reply.text, since } as { type: string };
      }
      return { type: `${name}.refused`, code: reply.code, text: reply.text, since } as {
        type: string;
      };
    case "unknown":
      return { type: `${name}.unknown`, cause: reply.cause, since } as { type: string };
  }
}

/** Whether an order at the venue is the one that was asked for, not a namesake. */
function isMatch(input: LookUpInput, order: VenueOrder): boolean {
  return (
    order.symbol === input.symbol &&
    order.side === input.side &&
    isSameId(input, order) &&
    (input.doubt !== "submit" || compare(order.quantity, input.quantity) === 0)
  );
}

/** Whether the venue's order shows that what was asked has happened. */
function shows(input: LookUpInput, order: VenueOrder): boolean {
  if (input.doubt === "submit" || input.doubt === "order" || isTerminal(order.state)) return true;
  if (input.doubt === "cancel" || input.wanted === null) return false;
  const { quantity, price, stopPrice } = input.wanted;
  return order.quantity === quantity && order.price === price && order.stopPrice === stopPrice;
}

/**
 * What a sound look-up proves. Found is proof at once if it shows what was asked; an order that
 * looks untouched, or that is absent, proves something only when the request can no longer land.
 */
function weigh(
  input: LookUpInput,
  found: Found,
  isPast: boolean,
  next: () => NextAttempt,
): { type: string } {
  const matches = found.orders.filter((order) => isMatch(input, order));
  const [order, another] = matches;
  const { fills } = found;
  if (found.orders.length > matches.length || another) {
    const cause = `${found.orders.length} orders under "${input.clientOrderId}" do not agree`;
    return { type: "lookUp.unclear", cause } as { type: string };
  }
  if (order) {
    if (shows(input, order) || isPast) {
      const before = beforeClaim(input, fills);
      const further = input.replaces ? { next: next() } : {};
      return { type: "lookUp.found", ...{ order, fills, ...before, ...further } } as Told;
    }
    return { type: "lookUp.unclear", cause: "the request may still land" } as { type: string };
  }
  if (fills.length > 0) {
    const cause = "the venue lists fills of an order that it does not list";
    return { type: "lookUp.unclear", cause, fills } as { type: string };
  }
  if (input.named !== undefined) {
    const cause = `the venue does not list order "${input.named}"`;
    return { type: "lookUp.unclear", cause } as { type: string };
  }
  if (input.known) {
    const cause = "the venue does not list an order that it confirmed";
    return { type: "lookUp.unclear", cause } as { type: string };
  }
  if (!isPast) {
    return { type: "lookUp.unclear", cause: "the order may still be placed" } as { type: string };
  }
  const evidence = "absent from every source after it could no longer be placed";
  return { type: "lookUp.absent", evidence, fills, ...next() } as { type: string };
}
