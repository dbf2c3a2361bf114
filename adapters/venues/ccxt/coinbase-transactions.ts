import type { Movement } from "../../../actors/order/ports.ts";
import { isNegative } from "../../../machines/domain/decimal.ts";
import { amountOf, fieldsOf, isoTimeOf, listOf, textOf } from "./reading.ts";

/** What Coinbase calls money that comes and goes; by its sign it is the one or the other. */
const transfers: readonly string[] = [
  ...["fiat_deposit", "fiat_withdrawal", "receive", "send", "transfer", "tx"],
  ...["exchange_deposit", "exchange_withdrawal", "pro_deposit", "pro_withdrawal"],
  ...["intx_deposit", "intx_withdrawal", "vault_withdrawal"],
];

/** A page of a coin's transactions, with how old its oldest is; orders' fills are left out. */
export function readTransactions(data: unknown): {
  readonly movements: readonly Movement[];
  readonly oldestAt: number;
  readonly lastId: string | null;
} {
  const entries = listOf(data, '"data"').map((value) => fieldsOf(value, "transaction"));
  const movements = entries.flatMap((entry): Movement[] => {
    const type = textOf(entry, "type");
    // What is not completed is not in the balance yet, or never will be.
    if (type === "advanced_trade_fill" || textOf(entry, "status") !== "completed") return [];
    const money = fieldsOf(entry.amount, '"amount"');
    const amount = amountOf(money, "amount");
    const direction = isNegative(amount) ? "withdrawal" : "deposit";
    return [
      {
        id: textOf(entry, "id"),
        coin: textOf(money, "currency"),
        amount,
        kind: transfers.includes(type) ? direction : "other",
        text: type,
        at: isoTimeOf(entry, "created_at"),
      },
    ];
  });
  const times = entries.map((entry) => isoTimeOf(entry, "created_at"));
  const last = entries.at(-1);
  return {
    movements,
    oldestAt: Math.min(...times),
    lastId: last === undefined ? null : textOf(last, "id"),
  };
}
