import { type Decimal, decimal, zero } from "./domain/decimal.ts";
import type { Fill } from "./domain/fill.ts";
import { actorName, type VenueAccount } from "./domain/ids.ts";
import type { Instrument } from "./domain/instrument.ts";
import type { Intent, VenueOrder } from "./domain/order.ts";
import type { JobInput } from "./job.machine.ts";
import { orderMachine } from "./order.machine.ts";
import type { OrderInput, OrderSettings } from "./order.types.ts";
import { positionMachine } from "./position.machine.ts";
import type { PositionInput } from "./position.types.ts";
import { Stepper } from "./stepping.fixture.ts";

export const at: VenueAccount = { venue: "paper", account: "main" };
export const symbol = "BTC/USD";
export const positionId = "paper:main/BTC/USD/1";
export const positionActor = actorName.position(positionId);

export const instrument: Instrument = {
  venue: "paper",
  symbol,
  base: "BTC",
  quote: "USD",
  tick: decimal("1"),
  lot: decimal("0.1"),
  minQuantity: decimal("0.1"),
  minNotional: decimal("5"),
  makerFee: decimal("0.001"),
  takerFee: decimal("0.002"),
};

export const intent: Intent = {
  intentId: `${positionId}/entry`,
  at,
  symbol,
  positionId,
  role: "entry",
  side: "buy",
  type: "limit",
  quantity: decimal("1"),
  price: decimal("100"),
  stopPrice: null,
  timeInForce: "gtc",
  postOnly: false,
  expiresAt: null,
  patienceMs: null,
  createdAt: 0,
};

export const orderSettings: OrderSettings = {
  maxAttempts: 2,
  settleMs: 1_000,
  lookUpRetryMs: 10,
  fillGraceMs: 20,
  workingCheckMs: 200,
};

export function orderInput(overrides: Partial<Intent> = {}): OrderInput {
  return {
    intent: { ...intent, ...overrides },
    clientOrderId: "attempt-1",
    settings: orderSettings,
  };
}

export function orderStepper(overrides: Partial<Intent> = {}): Stepper<typeof orderMachine> {
  return new Stepper(orderMachine, orderInput(overrides));
}

/** The order as the venue has it, in some state. */
export function venueOrder(
  state: VenueOrder["state"],
  overrides: Partial<VenueOrder> = {},
): VenueOrder {
  return {
    venueOrderId: "venue-1",
    clientOrderId: "attempt-1",
    symbol,
    side: intent.side,
    type: intent.type,
    quantity: intent.quantity,
    price: intent.price,
    stopPrice: intent.stopPrice,
    state,
    filled: zero,
    reason: null,
    createdAt: 0,
    updatedAt: 1,
    ...overrides,
  };
}

export function fill(tradeId: string, quantity: Decimal): Fill {
  return {
    tradeId,
    venueOrderId: "venue-1",
    clientOrderId: "attempt-1",
    symbol,
    side: intent.side,
    price: decimal("100"),
    quantity,
    fee: decimal("0.1"),
    feeCoin: "USD",
    liquidity: "maker",
    at: 1,
  };
}

export const jobInput: JobInput = {
  jobId: "1",
  kind: "optimize",
  args: ["--vary", "risk.riskShare=0.005,0.01"],
  folder: "/",
  who: "ada",
  queuedAt: 1,
};

export const positionInput: PositionInput = {
  positionId,
  vaultId: "main",
  at,
  symbol,
  instrument,
  entry: intent,
  stopPrice: decimal("90"),
  targetPrice: null,
  stopFrame: 0,
  votedBy: ["trend"],
  settings: { maxFailures: 3, strandedRetryMs: 500, settleMs: 1_000 },
};

/** @param isBare whether it is to go without a stop */
export function positionStepper(isBare = false): Stepper<typeof positionMachine> {
  const settings = isBare
    ? { ...positionInput.settings, protects: false as const }
    : positionInput.settings;
  return new Stepper(positionMachine, { ...positionInput, settings });
}
