import type { Movement } from "../../../actors/order/ports.ts";
import { subtract } from "../../../machines/domain/decimal.ts";
import { krakenCoin } from "./kraken-reading.ts";
import { amountOf, type Fields, fieldsOf, secondsOf, textOf } from "./reading.ts";

const kinds: Readonly<Record<string, Movement["kind"]>> = {
  deposit: "deposit",
  withdrawal: "withdrawal",
};

/** A page of Ledgers, without what trades moved: those are told as trades. */
export function readMovements(page: Fields): readonly Movement[] {
  return Object.entries(page).flatMap(([id, value]): Movement[] => {
    const entry = fieldsOf(value, `ledger entry "${id}"`);
    const type = textOf(entry, "type");
    if (type === "trade") return [];
    return [
      {
        id,
        coin: krakenCoin(textOf(entry, "asset")),
        amount: subtract(amountOf(entry, "amount"), amountOf(entry, "fee")),
        kind: kinds[type] ?? "other",
        text: type,
        at: secondsOf(entry, "time"),
      },
    ];
  });
}
