import { type Brake, type BrakeKind, brakeKinds } from "../../machines/domain/brake.ts";
import { type Decimal, decimal, isDecimal, isPositive } from "../../machines/domain/decimal.ts";
import { type ExitReason, exitReasons } from "../../machines/domain/position.ts";

/**
 * What can still be read from a snapshot that no machine takes any more. Nothing of it is trusted
 * for its form: what is not as it ought to be is left out.
 */

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function contextOf(snapshot: unknown): Fields {
  return fieldsOf(fieldsOf(snapshot).context);
}

/** Where the desk meant the position's stop to be, or null. */
export function salvagedStopPrice(snapshot: unknown): Decimal | null {
  const { stopPrice } = contextOf(snapshot);
  if (typeof stopPrice !== "string" || !isDecimal(stopPrice)) return null;
  const price = decimal(stopPrice);
  return isPositive(price) ? price : null;
}

/** Why the position was being closed, or null. */
export function salvagedExitReason(snapshot: unknown): ExitReason | null {
  const { exitReason } = contextOf(snapshot);
  return exitReasons.find((each) => each === exitReason) ?? null;
}

/** Why the order was being cancelled, or null. */
export function salvagedCancelReason(snapshot: unknown): string | null {
  const { cancelReason } = contextOf(snapshot);
  return typeof cancelReason === "string" ? cancelReason : null;
}

/** The brakes that the root kept, as far as they are whole. */
export function salvagedBrakes(snapshot: unknown): Brake[] {
  const { brakes } = contextOf(snapshot);
  if (!Array.isArray(brakes)) return [];
  return brakes.flatMap((each): Brake[] => {
    const { brakeId, kind, scope, reason, since, releasedBy } = fieldsOf(each);
    const known = brakeKinds.find((name): name is BrakeKind => name === kind);
    const texts = [brakeId, scope, reason, releasedBy];
    if (!known || !texts.every((text) => typeof text === "string")) return [];
    if (typeof since !== "number" || !Number.isFinite(since)) return [];
    const [id = "", where = "", why = "", end = ""] = texts as string[];
    return [{ brakeId: id, kind: known, scope: where, reason: why, since, releasedBy: end }];
  });
}
