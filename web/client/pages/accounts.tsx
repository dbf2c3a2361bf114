import type { Answer } from "../api.ts";
import { askCommand } from "../commands.tsx";
import { useView } from "../live.ts";
import { Control } from "../parts/control.tsx";
import { Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import { amount } from "../parts/lists.tsx";
import { moment, money } from "../parts/words.ts";
import { PostingLines } from "./trade-story.tsx";

type Account = Answer<"GET /api/v1/accounts">["accounts"][number];
type Coin = Account["coins"][number];
type Foreign = Account["foreignOrders"][number];

const isZero = (amount: string): boolean => Number(amount) === 0;
/** Whether the ledger went on since the venue was read. */
const isMoved = ({ ledger, ledgerThen }: Coin) => ledgerThen !== null && ledger !== ledgerThen;

/** What each account holds, whose it is, and what ledger and venue do not agree on. */
export function Accounts() {
  const { data, error, readAt } = useView("GET /api/v1/accounts", {});
  if (!data) {
    return (
      <Section title="Accounts" readAt={readAt} error={error}>
        <p class="empty">reading</p>
      </Section>
    );
  }
  return (
    <>
      {data.accounts.map((account) => (
        <One key={account.account} account={account} readAt={readAt} error={error} />
      ))}
    </>
  );
}

interface OneProps {
  readonly account: Account;
  readonly readAt: number;
  readonly error: string | null;
}

const states = {
  reconciling: ["reconciling: no entry leaves", "warn"],
  differing: ["differs: no entry leaves", "bad"],
  reconciled: ["reconciled", "good"],
} as const;

function One({ account, readAt, error }: OneProps) {
  const [words, tone] = states[account.state];
  const { unreadable, equity, quote, coins } = account;
  return (
    <Section title={account.account} readAt={readAt} error={error}>
      <Tiles>
        <Tile title="State" tone={tone}>
          {words}
        </Tile>
        <Tile title="Equity">{money(equity, quote)}</Tile>
        <Tile title="The venue was read" note="the desk's time">
          {account.readAt === null ? "not yet" : moment(account.readAt)}
        </Tile>
      </Tiles>
      {unreadable && (
        <p class="bad">
          It could not be read lately, {unreadable.times} times in a row: {unreadable.cause}
        </p>
      )}
      <Differences account={account} />
      <Coins account={account} />
      {coins.some(isMoved) && (
        <p class="note">
          The ledger moved since the venue was read: what is compared is of then, the rest of now.
        </p>
      )}
      <ForeignOrders account={account} />
      <Movements account={account} />
    </Section>
  );
}

function Differences({ account }: { readonly account: Account }) {
  const { differences, readAt, coins } = account;
  if (differences.length === 0) {
    return (
      <p class={readAt === null ? "warn" : "good"}>
        {readAt === null
          ? "Nothing is known of the venue yet: no entry leaves"
          : "Ledger and venue agree"}
      </p>
    );
  }
  return (
    <>
      <h3>What differs</h3>
      <ul class="cards">
        {differences.map(({ text, settledBy, coin }) => (
          <li key={text} class="brake-card">
            <strong>{text}</strong>
            <p class="note">settled by {settledBy}</p>
            {coin !== null && (
              <AcceptButton
                account={account.account}
                coin={coin}
                difference={coins.find((each) => each.coin === coin)?.difference}
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

interface AcceptProps {
  readonly account: string;
  readonly coin: string;
  readonly difference: string | undefined;
}

function AcceptButton({ account, coin, difference }: AcceptProps) {
  if (difference === undefined) return null;
  const accept = () =>
    askCommand({
      ...{ name: "accept", target: account, title: `Accept ${difference} ${coin}` },
      details: { coin, difference },
      consequence: `${difference} ${coin} are booked on ${account} as an adjustment with your reason, and the venue is read again. Another difference than this one is refused.`,
      confirm: `Accept ${difference} ${coin}`,
      isSlow: true,
    });
  return (
    <Control onClick={accept} disabled={isZero(difference)}>
      Accept {difference} {coin}
    </Control>
  );
}

function Coins({ account }: { readonly account: Account }) {
  const rows = account.coins.map((each) => [
    each.coin,
    amount(each.ledgerThen ?? each.ledger),
    amount(each.venue),
    isZero(each.difference) ? "0" : <span class="bad">{each.difference}</span>,
    amount(each.ledger),
    amount(each.held),
    amount(each.owned),
    amount(each.cash),
    isZero(each.dust) ? "0" : `${amount(each.dust)} (cost ${amount(each.dustCost)})`,
    amount(each.unmanaged),
  ]);
  const head = ["Coin", "Ledger then", "Venue", "Differs by", "Total now", "Held by orders"];
  return (
    <Table
      label={`Coins of ${account.account}`}
      head={[...head, "Owned", "Cash", "Dust", "Unmanaged"]}
      numbers={[1, 2, 3, 4, 5, 6, 7, 8, 9]}
      minor={[1, 2, 5, 7, 8]}
      rows={rows}
      none="Nothing is held"
    />
  );
}

function ForeignOrders({ account }: { readonly account: Account }) {
  if (account.foreignOrders.length === 0) return null;
  return (
    <>
      <h3>Orders that are not of this ledger</h3>
      <Table
        label={`Orders of others on ${account.account}`}
        head={["The venue's id", "Order", "Price", "Whose", "Actions"]}
        numbers={[2]}
        minor={[2]}
        rows={account.foreignOrders.map((order) => [
          <code>{order.venueOrderId}</code>,
          `${order.side} ${order.quantity} ${order.symbol} ${order.type}`,
          [order.price, order.stopPrice]
            .filter((each) => each !== null)
            .map(amount)
            .join(", stop "),
          order.isOfADesk ? "of another desk, or of a ledger that was lost" : "of somebody else",
          <ForeignActions account={account.account} order={order} />,
        ])}
        none=""
      />
    </>
  );
}

function ForeignActions({ account, order }: { readonly account: string; readonly order: Foreign }) {
  const { venueOrderId: target, isClaimed } = order;
  const shared = { target, details: { account }, isSlow: true } as const;
  const claim = () =>
    askCommand({
      ...shared,
      ...{ name: "claim", title: `Claim order ${target}` },
      consequence:
        "It rests on under the desk's care: what it fills from now on is booked, no position owns it, and the desk never amends it.",
      confirm: "Claim the order",
    });
  const cancel = () =>
    askCommand({
      ...shared,
      ...{ name: "cancelForeign", title: `Cancel order ${target}` },
      consequence: "It is claimed and cancelled; it counts as gone once the venue proves it.",
      confirm: "Cancel the order",
    });
  return (
    <span class="actions">
      <Control onClick={claim} disabled={isClaimed}>
        Claim
      </Control>
      <Control onClick={cancel}>Cancel it</Control>
    </span>
  );
}

function Movements({ account }: { readonly account: Account }) {
  return (
    <details>
      <summary>
        Openings, deposits, withdrawals and accepted differences ({account.movements.length})
      </summary>
      <Table
        label={`Movements of ${account.account}`}
        head={["Booked", "Cause", "Entry", "Lines"]}
        minor={[0, 2]}
        rows={account.movements.map((each) => [
          moment(each.time),
          each.cause,
          <code>{each.entryId}</code>,
          <PostingLines lines={each.lines} />,
        ])}
        none="Nothing was booked but fills"
      />
    </details>
  );
}
