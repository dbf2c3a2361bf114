import { z } from "zod";
import { type Decimal, decimal, isDecimal } from "../../../machines/domain/decimal.ts";
import type { RehearsalControl } from "./control.ts";
import { faultLevels } from "./faults/levels.ts";
import { type FaultName, faultNames, faultScopes } from "./faults/registry.ts";
import { reaches } from "./floor.ts";

const amount = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(isDecimal, "wanted a plain decimal number")
  .transform((text): Decimal => decimal(text));
const level = z.tuple([amount, amount]);
const symbol = z.string();
const account = z.string().min(1).optional();

const bodies = {
  fault: z.strictObject({
    name: z.enum(faultNames as [FaultName, ...FaultName[]]),
    on: z.array(z.enum(faultScopes)).optional(),
    count: z.int().positive().optional(),
    accepts: z.boolean().optional(),
    delayMs: z.number().nonnegative().optional(),
    share: z.number().min(0).max(1).optional(),
    text: z.string().optional(),
    target: z.string().optional(),
  }),
  rates: z.strictObject({
    level: z.enum(Object.keys(faultLevels) as [keyof typeof faultLevels]),
    seed: z.union([z.string(), z.number()]).transform(String).default("0"),
  }),
  time: z.union([
    z.strictObject({ to: z.int(), reach: z.enum(reaches).default("present") }),
    z.strictObject({ byMs: z.int().nonnegative() }),
  ]),
  point: z.strictObject({
    symbol,
    price: amount,
    gap: z.boolean().default(false),
    volume: z.number().nonnegative().nullable().default(null),
  }),
  book: z.strictObject({ symbol, bids: z.array(level), asks: z.array(level) }),
  print: z.strictObject({ symbol, price: amount, quantity: amount }),
  follow: z.strictObject({ symbol }),
  transfer: z.strictObject({ coin: z.string(), amount, account }),
  order: z.strictObject({
    account,
    symbol,
    side: z.enum(["buy", "sell"]),
    type: z.enum(["market", "limit", "stop", "stopLimit"]),
    quantity: amount,
    price: amount.optional(),
    stopPrice: amount.optional(),
  }),
  cancel: z.strictObject({ orderId: z.string() }),
  close: z.strictObject({
    how: z.enum(["reset", "close", "silence"]),
    path: z.string().nullable().default(null),
  }),
  restart: z.strictObject({ downMs: z.number().min(0).max(600_000).default(0) }),
  settings: z.strictObject({
    status: z.string().optional(),
    readLagMs: z.number().nonnegative().optional(),
    clockSkewMs: z.int().optional(),
    repeatedClientId: z.string().optional(),
    limits: z
      .strictObject({
        tier: z.string().optional(),
        rest: z.boolean().optional(),
        engine: z.boolean().optional(),
      })
      .optional(),
  }),
  key: z.strictObject({
    account,
    permissions: z.array(z.string()).optional(),
    nonceWindow: z.int().nonnegative().optional(),
    algorithm: z.string().optional(),
  }),
};

type Route = (control: RehearsalControl, body: unknown) => unknown;

/** A route whose body must be of a shape. */
function taking<Body>(
  shape: z.ZodType<Body>,
  run: (control: RehearsalControl, body: Body) => unknown,
): Route {
  return (control, body) => run(control, shape.parse(body ?? {}));
}

/** Times are set and read in Unix milliseconds of venue time. */
function timeOf(control: RehearsalControl) {
  return { now: control.now };
}

const routes: Readonly<Record<string, Route>> = {
  "GET /": () => ({ routes: Object.keys(routes) }),
  "GET /faults": (control) => ({
    registry: control.registry,
    pending: control.pendingFaults,
  }),
  "POST /faults": taking(bodies.fault, (control, order) => control.orderFault(definedOf(order))),
  "DELETE /faults": (control) => control.clearFaults(),
  "POST /faults/rates": taking(bodies.rates, (control, { level: name, seed }) =>
    control.setFaultLevel(name, seed),
  ),
  "GET /faults/thrown": (control) => control.thrown,
  "GET /time": timeOf,
  "POST /time": taking(bodies.time, (control, time) => {
    if ("to" in time) control.advanceTo(time.to, time.reach);
    else control.advanceBy(time.byMs);
    return timeOf(control);
  }),
  "POST /market/point": taking(bodies.point, (control, { symbol: of, price, gap, volume }) =>
    control.feedPoint(of, price, gap, volume),
  ),
  "POST /market/book": taking(bodies.book, (control, { symbol: of, bids, asks }) =>
    control.feedBook(of, bids, asks),
  ),
  "POST /market/print": taking(bodies.print, (control, { symbol: of, price, quantity }) =>
    control.feedPrint(of, price, quantity),
  ),
  "POST /market/follow": taking(bodies.follow, (control, body) => control.follow(body.symbol)),
  "GET /record": (control) => control.record(),
  "GET /records": (control) => control.accounts.map((name) => control.record(name)),
  "POST /transfers": taking(bodies.transfer, (control, body) =>
    control.transfer(body.coin, body.amount, body.account),
  ),
  "POST /orders": taking(bodies.order, (control, order) => ({
    orderId: control.placeForeign(order),
  })),
  "POST /orders/cancel": taking(bodies.cancel, (control, { orderId }) =>
    control.cancelByOther(orderId),
  ),
  "GET /streams": (control) => control.streams,
  "GET /streams/sent": (control) => control.sent,
  "POST /streams/close": taking(bodies.close, (control, { how, path }) => ({
    closed: control.closeStreams(how, path),
  })),
  "POST /restart": taking(bodies.restart, (control, { downMs }) => control.restart(downMs)),
  "POST /settings": taking(bodies.settings, (control, settings) => {
    if (settings.status !== undefined) control.setStatus(settings.status);
    if (settings.readLagMs !== undefined) control.setReadLag(settings.readLagMs);
    if (settings.clockSkewMs !== undefined) control.setClockSkew(settings.clockSkewMs);
    const { repeatedClientId } = settings;
    if (repeatedClientId !== undefined) control.setRepeatedClientId(repeatedClientId);
    if (settings.limits !== undefined) control.setLimits(settings.limits);
  }),
  "POST /keys": taking(bodies.key, (control, terms) => control.createKey(terms)),
  "GET /requests": (control) => control.requests,
  "GET /problems": (control) => control.problems,
};

/** The same without what was left open. */
function definedOf<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The control channel as a server; on 127.0.0.1 alone. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the control channel: HTTP with JSON, errors as 400 `{"error": …}`. Whatever can reach
 * 127.0.0.1 may use it, as befits a venue that is made up.
 *
 * | route | body | does |
 * | --- | --- | --- |
 * | `GET /` | | lists the routes |
 * | `GET /faults` | | every fault with what it does and strikes, and those ordered and not thrown |
 * | `POST /faults` | `{name, on?, count?, accepts?, delayMs?, share?, text?, target?}` | orders one |
 * | `DELETE /faults` | | drops those not thrown yet |
 * | `POST /faults/rates` | `{level: none, calm, rough or storm, seed}` | faults by seed |
 * | `GET /faults/thrown` | | what was thrown |
 * | `GET /time` | | `{now}`, Unix milliseconds |
 * | `POST /time` | `{to, reach?: present, open, close or before}` or `{byMs}` | lets time pass, in lockstep |
 * | `POST /market/point` | `{symbol, price, gap?, volume?}` | moves the price |
 * | `POST /market/book` | `{symbol, bids: [[price, quantity]], asks}` | sets the book |
 * | `POST /market/print` | `{symbol, price, quantity}` | somebody else trades |
 * | `POST /market/follow` | `{symbol}` | back to the symbol's own market |
 * | `GET /record` | | every order, trade and ledger entry, and the balances, of the main account |
 * | `GET /records` | | the same of every account, each with its name as `account` |
 * | `POST /transfers` | `{coin, amount, account?}` | a deposit; negative, a withdrawal |
 * | `POST /orders` | `{symbol, side, type, quantity, price?, stopPrice?, account?}` | somebody else's order |
 * | `POST /orders/cancel` | `{orderId}` | somebody else ends an order |
 * | `GET /streams` | | paths of the open WebSockets |
 * | `GET /streams/sent` | | messages sent on them so far, by path |
 * | `POST /streams/close` | `{how: reset, close or silence, path?}` | ends or kills them |
 * | `POST /restart` | `{downMs?}` | resets all sockets; state stays |
 * | `POST /settings` | `{status?, readLagMs?, clockSkewMs?, repeatedClientId?, limits?}` | sets |
 * | `POST /keys` | `{account?, permissions?, nonceWindow?, algorithm?}` | another key; a new account is opened |
 * | `GET /requests` | | requests as they came |
 * | `GET /problems` | | bugs of the venue itself |
 */
export function serveControl(control: RehearsalControl, port: number): ControlServer {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch: async (request) => {
      const route = routes[`${request.method} ${new URL(request.url).pathname}`];
      if (route === undefined) return Response.json({ error: "no such route" }, { status: 404 });
      try {
        const text = await request.text();
        const result = await route(control, text === "" ? undefined : JSON.parse(text));
        return Response.json(result ?? { done: true });
      } catch (error) {
        const isTheirs =
          error instanceof RangeError ||
          error instanceof SyntaxError ||
          error instanceof z.ZodError;
        if (!isTheirs) throw error;
        const text = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
        return Response.json({ error: text }, { status: 400 });
      }
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
}
