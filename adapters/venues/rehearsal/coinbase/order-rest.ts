/** Coinbase's private REST calls that place, edit and end orders. */
import {
  add,
  type Decimal,
  divide,
  fromSteps,
  isZero,
  multiply,
  zero,
} from "../../../../machines/domain/decimal.ts";
import { letters } from "../draws.ts";
import type { WireReply } from "../wire.ts";
import type { Call, CallContext } from "./call.ts";
import type { CoinbaseProduct } from "./names.ts";
import { configurationOf, sideText } from "./order-json.ts";
import { amountOf, type Failure, priceOf } from "./order-terms.ts";
import { bodyOf, type Fields, invalid, isFields, reply, textIn } from "./reply.ts";
import type { AskedOrder, OrderChange } from "./trading.ts";

const noReason = "UNKNOWN_FAILURE_REASON";
const noEditReason = "UNKNOWN_EDIT_ORDER_FAILURE_REASON";
const noPreviewReason = "UNKNOWN_PREVIEW_FAILURE_REASON";
const noCancelReason = "UNKNOWN_CANCEL_FAILURE_REASON";
/** Orders that can be cancelled with one request. */
const cancelsMost = 100;

function askedIn(body: Fields): AskedOrder {
  return {
    clientOrderId: textIn(body, "client_order_id"),
    productId: textIn(body, "product_id"),
    side: textIn(body, "side"),
    configuration: body.order_configuration,
  };
}

/** The reply to an order that was not taken. */
export function refusedOrder({ error, preview, message }: Failure, configuration: unknown) {
  return reply({
    success: false,
    failure_reason: noReason,
    order_id: "",
    error_response: {
      error,
      message,
      error_details: "",
      preview_failure_reason: preview,
      new_order_failure_reason: error,
    },
    order_configuration: isFields(configuration) ? configuration : null,
  });
}

/** The reply to orders that do not end. */
export function refusedCancel(body: Fields | null, reason: string): WireReply {
  const results = idsIn(body).map((order_id) => ({
    success: false,
    failure_reason: reason,
    order_id,
  }));
  return reply({ results });
}

/** The reply to an order that stays as it was. */
export function refusedEdit(reason: string): WireReply {
  const errors = [{ edit_failure_reason: reason, preview_failure_reason: noPreviewReason }];
  return reply({ success: false, errors });
}

export const createOrder: Call = ({ venue, trading, request, strike }) => {
  const body = bodyOf(request);
  if (body === null) return invalid("invalid request body");
  const placed = trading.place(askedIn(body), strike);
  if (placed.type === "invalid") return invalid(placed.message);
  if (placed.type === "failed") return refusedOrder(placed, body.order_configuration);
  const { order } = placed;
  const { skewMs } = venue.exchange.clock;
  return reply({
    success: true,
    failure_reason: noReason,
    order_id: order.orderId,
    success_response: {
      order_id: order.orderId,
      product_id: venue.products.of(order.symbol).id,
      side: sideText(order.side),
      client_order_id: order.clientOrderId ?? "",
    },
    order_configuration: configurationOf(order, trading.termsOf(order), skewMs),
  });
};

/** What an order would come to at the book as it stands. */
function estimate(
  { venue }: CallContext,
  { symbol, instrument }: CoinbaseProduct,
  order: {
    readonly side: "buy" | "sell";
    readonly quantity: Decimal;
    readonly price: Decimal | null;
  },
) {
  const { bid, ask } = venue.exchange.market(symbol).touch();
  const priced = (ticks: number | undefined) => fromSteps(ticks ?? 0, instrument.tick);
  const isBuy = order.side === "buy";
  const price = order.price ?? priced((isBuy ? ask : bid)?.ticks);
  const cost = multiply(price, order.quantity);
  const commission = multiply(cost, instrument.takerFee);
  return {
    slippage: "0",
    order_total: isBuy ? add(cost, commission) : cost,
    commission_total: commission,
    quote_size: cost,
    base_size: order.quantity,
    best_bid: priced(bid?.ticks),
    best_ask: priced(ask?.ticks),
    average_filled_price: isZero(order.quantity)
      ? zero
      : divide(cost, order.quantity, 8, "nearest"),
    order_margin_total: "0",
  };
}

export const previewOrder: Call = (context) => {
  const { trading, request } = context;
  const body = bodyOf(request);
  if (body === null) return invalid("invalid request body");
  const previewed = trading.preview({ ...askedIn(body), clientOrderId: null });
  if (previewed.type === "invalid") return invalid(previewed.message);
  const unknown = { order_total: "0", commission_total: "0", quote_size: "0", base_size: "0" };
  const { average_filled_price, ...figures } =
    previewed.type === "failed"
      ? { ...unknown, average_filled_price: "0", best_bid: "", best_ask: "", slippage: "" }
      : estimate(context, previewed.product, {
          side: previewed.terms.side,
          quantity: previewed.quantity,
          price: previewed.terms.price,
        });
  return reply({
    order_margin_total: "0",
    ...figures,
    errs: previewed.type === "failed" ? [previewed.preview] : [],
    warning: [],
    is_max: false,
    leverage: "",
    long_leverage: "",
    short_leverage: "",
    preview_id: letters(24, request.body).toLowerCase(),
    est_average_filled_price: average_filled_price,
  });
};

function idsIn(body: Fields | null): readonly string[] {
  const ids: unknown = body?.order_ids;
  return Array.isArray(ids) ? ids.map(String) : [];
}

export const cancelOrders: Call = ({ trading, request, strike }) => {
  const ids = idsIn(bodyOf(request));
  if (ids.length === 0 || ids.length > cancelsMost) {
    return invalid(`order_ids must be 1 to ${cancelsMost}`);
  }
  const results = ids.map((order_id) => {
    const reason = trading.cancel(order_id, strike);
    return { success: reason === null, failure_reason: reason ?? noCancelReason, order_id };
  });
  return reply({ results });
};

interface Edit {
  readonly order: NonNullable<ReturnType<CallContext["venue"]["exchange"]["account"]["order"]>>;
  readonly product: CoinbaseProduct;
  readonly change: OrderChange;
}

/** What an edit asks for, or the reason why it makes no sense. */
function editIn({ venue, request }: CallContext): Edit | string {
  const body = bodyOf(request);
  const order = venue.exchange.account.order(body === null ? "" : (textIn(body, "order_id") ?? ""));
  if (body === null || order === null) return "ORDER_NOT_FOUND";
  const product = venue.products.of(order.symbol);
  const price = body.price === undefined ? null : priceOf(body, "price", product);
  if (price !== null && typeof price !== "string") return "INVALID_EDITED_PRICE";
  const quantity = body.size === undefined ? null : amountOf(textIn(body, "size"));
  if (body.size !== undefined && quantity === null) return "INVALID_EDITED_SIZE";
  return { order, product, change: { price, quantity } };
}

export const editOrder: Call = (context) => {
  const edit = editIn(context);
  if (typeof edit === "string") return refusedEdit(edit);
  const problem = context.trading.edit(edit.order, edit.change);
  if (problem === null) return reply({ success: true, errors: [] });
  if (typeof problem === "string") return refusedEdit(problem);
  const { preview } = problem;
  const errors = [{ edit_failure_reason: noEditReason, preview_failure_reason: preview }];
  return reply({ success: false, errors });
};

export const previewEdit: Call = (context) => {
  const edit = editIn(context);
  const problem =
    typeof edit === "string" ? edit : context.trading.editProblem(edit.order, edit.change);
  if (typeof edit === "string" || problem !== null) {
    const reason = problem ?? noEditReason;
    return reply({
      errors: [{ edit_failure_reason: reason, preview_failure_reason: noPreviewReason }],
    });
  }
  const { order, product, change } = edit;
  const quantity = change.quantity ?? order.quantity;
  const price = change.price ?? order.price;
  return reply({
    errors: [],
    ...estimate(context, product, { side: order.side, quantity, price }),
  });
};
