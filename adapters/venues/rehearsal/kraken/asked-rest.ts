import type { OrderVersion } from "../account.ts";
import { orderTypeNames } from "./order-json.ts";
import type { AskedOrder } from "./order-terms.ts";
import { isTrue, type Params } from "./params.ts";

/** An order as AddOrder's parameters ask for it; times are seconds, `+30` being from now. */
export function askedByRest(params: Params, told: number): AskedOrder {
  const ordertype = params.get("ordertype");
  const isStop = ordertype?.startsWith("stop-loss") === true;
  const expiry = params.get("expiretm");
  return {
    side: params.get("type"),
    ordertype,
    volume: params.get("volume"),
    limit: isStop ? params.get("price2") : params.get("price"),
    trigger: isStop ? params.get("price") : undefined,
    timeInForce: params.get("timeinforce"),
    expiresAt: expiry === undefined || expiry === "0" ? null : timeOf(expiry, told),
    oflags: flagsOf(params.get("oflags")),
    clientOrderId: params.get("cl_ord_id"),
    userref: params.get("userref"),
    deadline: params.get("deadline"),
    validate: isTrue(params, "validate"),
  };
}

/** An order as EditOrder asks for it: as it was, but for what is given. Client ids do not stay. */
export function editedByRest(params: Params, order: OrderVersion): AskedOrder {
  const isStop = order.stopPrice !== null;
  return {
    side: order.side,
    ordertype: orderTypeNames[order.type],
    volume: params.get("volume") ?? order.quantity,
    limit: params.get(isStop ? "price2" : "price") ?? order.price ?? undefined,
    trigger: params.get("price") ?? order.stopPrice ?? undefined,
    timeInForce: order.timeInForce,
    expiresAt: order.expiresAt,
    oflags: flagsOf(params.get("oflags")),
    clientOrderId: undefined,
    userref: params.get("userref"),
    deadline: params.get("deadline"),
    validate: isTrue(params, "validate"),
  };
}

function flagsOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").filter((flag) => flag !== "");
}

function timeOf(text: string, told: number): number {
  const ms = Number(text.replace(/^\+/, "")) * 1_000;
  return text.startsWith("+") ? told + ms : ms;
}
