import type { Command } from "commander";
import type { CoinView, DeskStatus } from "../../actors/desk/mod.ts";
import { isZero } from "../../machines/domain/decimal.ts";
import { askDesk } from "./control.ts";
import { dbOption, sendCommand } from "./operator.ts";
import { unreadText } from "./report.ts";

interface AcceptOptions {
  readonly db: string;
  readonly account?: string;
  readonly coin: string;
  readonly reason: string;
}

async function accountsOf(db: string): Promise<DeskStatus["accounts"]> {
  const { accounts } = (await askDesk(db, "/status")) as DeskStatus;
  return accounts;
}

/** Accepts the difference that is shown now: another one at the desk is refused there. */
async function accept({ db, account, coin, reason }: AcceptOptions): Promise<void> {
  const seen = (await accountsOf(db))
    .filter((each) => account === undefined || each.account === account)
    .flatMap(({ coins }) => coins)
    .filter((each) => each.coin === coin && !isZero(each.difference));
  const [one, another] = seen;
  const difference = one && !another ? { difference: one.difference } : {};
  await sendCommand(db, {
    ...{ name: "accept", target: account ?? null, reason },
    details: { coin, ...difference },
  });
}

/** Adds `reconcile` to the command line. */
export function registerReconcileCommands(program: Command): void {
  const reconcile = program
    .command("reconcile")
    .description("what ledger and venue have, and what they do not agree on");
  reconcile
    .command("show")
    .description("the last reading: each coin, whose it is, what differs and what would settle it")
    .addOption(dbOption())
    .option("--json", "as JSON", false)
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const accounts = await accountsOf(db);
      console.log(json ? JSON.stringify(accounts) : accounts.map(accountText).join("\n\n"));
    });
  reconcile
    .command("accept")
    .description("book what the venue has more or less of a coin, as the last reading shows it")
    .addOption(dbOption())
    .option("--account <account>", "such as kraken:main, where two could be meant")
    .requiredOption("--coin <coin>", "such as USD")
    .requiredOption("--reason <text>", "why, for the record")
    .action(accept);
}

const compared = ["coin", "ledger", "venue", "differs by"] as const;
const present = ["owned", "cash", "dust", "unmanaged"] as const;
/** There only where the ledger moved since the venue was read. */
const movedOn = "ledger now";

/** An account as an operator reads it. */
export function accountText(account: DeskStatus["accounts"][number]): string {
  const { readAt, coins, foreignOrders, differences, unreadable } = account;
  const hasMoved = coins.some(isMoved);
  const head = [...compared, ...(hasMoved ? [movedOn] : []), ...present];
  const rows = [head, ...coins.map((each) => cellsOf(each, hasMoved))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
  const orders = foreignOrders.map((order) => {
    const { venueOrderId, side, type, quantity, symbol, price, stopPrice, isOfADesk } = order;
    const at = [price, stopPrice].filter((each) => each !== null).join(", stop ");
    const whose = isOfADesk ? "of another desk, or of a ledger that was lost" : "of somebody else";
    return `  order ${venueOrderId}  ${side} ${quantity} ${symbol} ${type} ${at}  ${whose}`;
  });
  const told = differences.flatMap(({ text, settledBy }) => [
    `  ${text}`,
    `      settled by ${settledBy}`,
  ]);
  return [
    `${account.account}  ${readText(readAt, hasMoved)}`,
    ...lines.map((line) => `  ${line}`),
    ...(orders.length === 0 ? [] : ["", "  orders that are not of this ledger", ...orders]),
    "",
    ...(told.length > 0 ? ["  what differs", ...told] : [`  ${agreement(readAt)}`]),
    ...(unreadable === null ? [] : [`  ${unreadText(unreadable)}`]),
  ].join("\n");
}

/** A venue that was not heard yet agrees with nothing. */
function agreement(readAt: number | null): string {
  if (readAt !== null) return "ledger and venue agree";
  return "nothing is known of the venue yet: no entry leaves";
}

function readText(readAt: number | null, hasMoved: boolean): string {
  if (readAt === null) return "not read yet";
  const read = `read ${new Date(readAt).toISOString()}`;
  return hasMoved ? `${read}: ledger and venue are of then, the rest is of now` : read;
}

function isMoved({ ledger, ledgerThen }: CoinView): boolean {
  return ledgerThen !== null && ledger !== ledgerThen;
}

function cellsOf(view: CoinView, hasMoved: boolean): readonly string[] {
  const { coin, ledger, ledgerThen, venue, difference } = view;
  const { owned, cash, dust, dustCost, unmanaged } = view;
  const left = isZero(dust) ? "0" : `${dust} (cost ${dustCost})`;
  return [
    ...[coin, ledgerThen ?? ledger, venue ?? "–", difference],
    ...(hasMoved ? [isMoved(view) ? ledger : ""] : []),
    ...[owned, cash, left, unmanaged],
  ];
}
