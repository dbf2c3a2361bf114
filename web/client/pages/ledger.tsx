import { useEffect, useState } from "preact/hooks";
import { orderRoles, orderStates } from "../../../machines/domain/order.ts";
import { type Answer, call } from "../api.ts";
import { type StreamEntry, useView } from "../live.ts";
import { Section, Table } from "../parts/layout.tsx";
import { amount, askedFor, Choice, Day, Export, Pager, useList, When } from "../parts/lists.tsx";
import { plain } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";
import { PostingLines } from "./trade-story.tsx";
import { storyOf } from "./trades.tsx";

type Check = Answer<"GET /api/v1/ledger/check">;

const tabs = {
  orders: "Orders",
  fills: "Fills",
  entries: "Entries",
  balances: "Balances",
} as const;
type Tab = keyof typeof tabs;

/** Whether a record may have changed the books. */
const ofBooks = ({ actors }: StreamEntry): boolean =>
  actors.some((actor) => /^(order|account):/.test(actor));

/** The books in lists, and whether they add up. */
export function Ledger() {
  const shown = (query.value.get("list") ?? "orders") as Tab;
  const { data } = useView("GET /api/v1/ledger/balances", {}, ofBooks);
  const choices = { symbols: data?.symbols ?? [], accounts: data?.accounts ?? [] };
  return (
    <>
      <nav class="tabs" aria-label="Lists of the ledger">
        {Object.entries(tabs).map(([tab, title]) => (
          <button
            key={tab}
            type="button"
            aria-pressed={tab === shown}
            onClick={() => setQuery({ list: tab, state: null, role: null, of: null })}
          >
            {title}
          </button>
        ))}
      </nav>
      {shown === "orders" && <Orders {...choices} />}
      {shown === "fills" && <Fills {...choices} />}
      {shown === "entries" && <Entries {...choices} />}
      {shown === "balances" && <Balances />}
      <Adding />
    </>
  );
}

interface Choices {
  readonly symbols: readonly string[];
  readonly accounts: readonly string[];
}

/** Without its account, which stands beside it. */
const shortId = ({ intentId, account }: { readonly intentId: string; readonly account: string }) =>
  intentId.startsWith(`${account}/`) ? intentId.slice(account.length + 1) : intentId;

const shared = ["account", "symbol", "from", "to"] as const;

function SharedFilters({ symbols, accounts }: Choices) {
  return (
    <>
      <Choice name="symbol" label="Symbol" all="all" options={symbols} />
      <Choice name="account" label="Account" all="all" options={accounts} />
      <Day name="from" label="From" />
      <Day name="to" label="To" />
    </>
  );
}

function Orders(choices: Choices) {
  const asked = askedFor([...shared, "state", "role"]);
  const list = useList("GET /api/v1/ledger/orders", asked, ofBooks);
  const rows = list.rows.map((row) => [
    <When at={row.createdAt} />,
    <a href={storyOf(row.positionId)}>{shortId(row)}</a>,
    row.account,
    row.role,
    <span class="when">{`${row.side} ${row.type}`}</span>,
    amount(row.quantity),
    [row.price, row.stopPrice]
      .filter((each) => each !== null)
      .map(amount)
      .join(", stop ") || "–",
    row.state,
    amount(row.filled),
    row.attempts,
    row.reason ?? "",
  ]);
  const head = ["Wanted", "Order", "Account", "Role", "Kind", "Quantity", "Price", "State"];
  return (
    <Section title="Orders" readAt={list.readAt} error={list.error}>
      <div class="filters">
        <SharedFilters {...choices} />
        <Choice name="state" label="State" all="all" options={orderStates} />
        <Choice name="role" label="Role" all="all" options={orderRoles} />
        <Export route="GET /api/v1/ledger/orders.csv" asked={asked} file="orders.csv">
          CSV
        </Export>
      </div>
      <p class="note">
        Quantity and price are what was wanted first: moves since then are in the trade's story.
      </p>
      <Table
        label="Orders"
        head={[...head, "Filled", "Sent", "Reason"]}
        numbers={[5, 6, 8, 9]}
        minor={[0, 2, 3, 4, 5, 6, 9, 10]}
        rows={rows}
        none="No order matches"
      />
      <Pager list={list} />
    </Section>
  );
}

function Fills(choices: Choices) {
  const asked = askedFor(shared);
  const list = useList("GET /api/v1/ledger/fills", asked, ofBooks);
  const rows = list.rows.map((row) => [
    <When at={row.at} />,
    <code>{row.tradeId}</code>,
    row.account,
    row.symbol,
    row.side,
    amount(row.quantity),
    amount(row.price),
    `${plain(row.fee, 8)} ${row.feeCoin}`,
    row.liquidity,
    <a href={storyOf(row.intentId.slice(0, row.intentId.lastIndexOf("/")))}>{shortId(row)}</a>,
  ]);
  return (
    <Section title="Fills" readAt={list.readAt} error={list.error}>
      <div class="filters">
        <SharedFilters {...choices} />
        <Export route="GET /api/v1/ledger/fills.csv" asked={asked} file="fills.csv">
          CSV
        </Export>
      </div>
      <Table
        label="Fills"
        head={["At", "Fill", "Account", "Symbol", "Side", "Quantity", "Price", "Fee", "", "Order"]}
        numbers={[5, 6, 7]}
        minor={[0, 1, 2, 7, 8, 9]}
        rows={rows}
        none="No fill matches"
      />
      <Pager list={list} />
    </Section>
  );
}

function Entries(choices: Choices) {
  const asked = askedFor([...shared, "of"]);
  const list = useList("GET /api/v1/ledger/entries", asked, ofBooks);
  const of = query.value.get("of") ?? "fills";
  const rows = list.rows.map((row) => [
    <When at={row.time} />,
    <code>{row.entryId}</code>,
    row.account,
    row.cause,
    <>
      <PostingLines lines={row.lines} />
      <span class={row.isBalanced ? "note" : "bad"}>
        {row.isBalanced ? "comes to zero" : "does not come to zero"}
      </span>
    </>,
  ]);
  return (
    <Section title="Entries" readAt={list.readAt} error={list.error}>
      <div class="filters">
        <SharedFilters {...choices} />
        <Choice name="of" label="Of" options={["fills", "others"]} value={of} />
        <Export route="GET /api/v1/ledger/entries.csv" asked={asked} file="entries.csv">
          CSV
        </Export>
      </div>
      <Table
        label="Entries"
        head={["Posted", "Entry", "Account", "Cause", "Lines"]}
        minor={[0, 2, 3]}
        rows={rows}
        none="No entry matches"
      />
      <Pager list={list} />
    </Section>
  );
}

function Balances() {
  const { data, error, readAt } = useView("GET /api/v1/ledger/balances", {}, ofBooks);
  return (
    <Section title="Balances" readAt={readAt} error={error}>
      <Table
        label="Balances"
        head={["Account", "Coin", "Total"]}
        numbers={[2]}
        rows={(data?.rows ?? []).map(({ account, coin, total }) => [account, coin, total])}
        none="Nothing is held"
      />
    </Section>
  );
}

/** How often a check that runs is asked how far it is, milliseconds. */
const askEveryMs = 300;

/** Whether the whole books add up: looked at when it is asked for. */
function Adding() {
  const [check, setCheck] = useState<Check | null>(null);
  const [error, setError] = useState<string | null>(null);
  const hear = (answer: Promise<Check>) =>
    answer.then(setCheck, (cause: Error) => setError(cause.message));
  useEffect(() => void hear(call("GET /api/v1/ledger/check", {})), []);
  useEffect(() => {
    if (check?.state !== "running") return;
    const timer = setTimeout(() => void hear(call("GET /api/v1/ledger/check", {})), askEveryMs);
    return () => clearTimeout(timer);
  }, [check]);
  const begin = () => {
    setError(null);
    void hear(call("POST /api/v1/ledger/check", { body: {} }));
  };
  const isRunning = check?.state === "running";
  return (
    <Section
      title="Do the books add up?"
      error={error ?? check?.error ?? null}
      tools={
        <button type="button" onClick={begin} disabled={isRunning}>
          {isRunning ? "Adding up" : "Add up all of it"}
        </button>
      }
    >
      {isRunning && (
        <p class="progress">
          <progress max={check.of} value={check.done} aria-label="Rows added up" />
          <span class="note">
            {check.done} of {check.of} rows
          </span>
        </p>
      )}
      {check?.result && <Found result={check.result} />}
      <p class="note">
        That nobody changed the journal is proved from the shell:{" "}
        <code>novactor journal verify --head HASH</code>, with a head noted down earlier.
      </p>
    </Section>
  );
}

function Found({ result }: { readonly result: NonNullable<Check["result"]> }) {
  const { ledgerHead, journalSeq, entries, postings, unbalanced, trial, differing } = result;
  const isSound = unbalanced.length === 0 && differing.length === 0;
  return (
    <>
      <p class={isSound ? "good" : "bad"}>
        {isSound
          ? `Each of ${plain(entries)} entries comes to zero, and each balance is the sum of its postings (${plain(postings)} lines, as of journal record ${journalSeq})`
          : `${unbalanced.length} entries do not come to zero, ${differing.length} balances are not the sum of their postings`}
      </p>
      {unbalanced.length > 0 && <p class="bad">Not zero: {unbalanced.join(", ")}</p>}
      {differing.map(({ account, coin, balance, posted }) => (
        <p key={`${account} ${coin}`} class="bad">
          {account} {coin}: balance {balance}, posted {posted}
        </p>
      ))}
      <p class="hash">
        Ledger head <code>{ledgerHead}</code>
      </p>
      <Table
        label="Trial balance"
        head={["Account", "Ledger account", "Coin", "Sum"]}
        numbers={[3]}
        rows={trial.map((each) => [each.account, each.ledgerAccount, each.coin, each.sum])}
        none="Nothing was posted yet"
      />
    </>
  );
}
