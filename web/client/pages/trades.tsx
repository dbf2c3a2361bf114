import type { ComponentChildren } from "preact";
import { exitReasons } from "../../../machines/domain/position.ts";
import type { Answer } from "../api.ts";
import { askCommand, isRequested } from "../commands.tsx";
import { type StreamEntry, useView } from "../live.ts";
import { Control } from "../parts/control.tsx";
import { Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import {
  amount,
  askedFor,
  Choice,
  Day,
  Export,
  Gain,
  GainBar,
  GainShare,
  type List,
  Pager,
  useList,
  When,
} from "../parts/lists.tsx";
import { money, percent, plain, span } from "../parts/words.ts";
import { pathParts, query } from "../router.ts";
import { Story } from "./trade-story.tsx";

export type OpenTrade = Answer<"GET /api/v1/open-trades">["rows"][number];
type Trade = Answer<"GET /api/v1/trades">["rows"][number];
type Sums = Answer<"GET /api/v1/trade-sums">;

const filters = ["day", "account", "symbol", "strategy", "exit"] as const;
const sortings = ["closed", "opened", "duration", "pnl", "share", "fees"] as const;
const groups = ["symbol", "strategy", "exit", "day", "weekday", "hour"] as const;

/** Whether a record may have closed or changed a position. */
export const ofPositions = ({ actors }: StreamEntry): boolean =>
  actors.some((actor) => actor.startsWith("position:"));

export const storyOf = (positionId: string): string => `/trades/${encodeURIComponent(positionId)}`;

/** Round trips, or one trade's story. */
export function Trades() {
  const [, positionId] = pathParts.value;
  if (positionId !== undefined) return <Story positionId={positionId} />;
  return (
    <>
      <OpenTrades />
      <Closed />
    </>
  );
}

type Refusals = Pick<OpenTrade, "positionId" | "exitRefused" | "abandonRefused">;

/** What can be done about a position: disabled with the reason where it cannot. */
export function PositionActions({ positionId, exitRefused, abandonRefused }: Refusals) {
  const exit = () =>
    askCommand({
      ...{ name: "exit", target: positionId, title: `Exit ${positionId}` },
      consequence:
        "Whatever still works of its entry, and its stop, are cancelled, and what it holds is sold " +
        "at market. Other positions and the brakes stay as they are.",
      confirm: `Exit ${positionId}`,
      isSlow: true,
    });
  const abandon = () =>
    askCommand({
      ...{ name: "abandon", target: positionId, title: `Abandon the entry of ${positionId}` },
      consequence:
        "What still works of its entry is cancelled. What it has bought stays, protected by its stop.",
      confirm: "Abandon the entry",
    });
  return (
    <span class="actions">
      <Control
        onClick={exit}
        refused={exitRefused}
        disabled={isRequested("exit", positionId)}
        aria-label={`Exit ${positionId}`}
      >
        Exit
      </Control>
      <Control
        onClick={abandon}
        refused={abandonRefused}
        disabled={isRequested("abandon", positionId)}
        aria-label={`Abandon the entry of ${positionId}`}
      >
        Abandon
      </Control>
    </span>
  );
}

function OpenTrades() {
  const { data, error, readAt } = useView(
    "GET /api/v1/open-trades",
    {},
    (entry) => entry.kind === "bar" || ofPositions(entry),
  );
  const rows = (data?.rows ?? []).map((row) => [
    <Two>
      <a class="when" href={storyOf(row.positionId)}>{`${row.lane} #${row.number}`}</a>
      <span class="note">
        {row.account}, {row.state}
      </span>
    </Two>,
    amount(row.quantity),
    amount(row.entryPrice),
    amount(row.lastPrice),
    row.pnl === null || row.share === null ? (
      "–"
    ) : (
      <Two>
        <Gain value={row.pnl} />
        <GainShare share={row.share} />
      </Two>
    ),
    row.restingStop === null ? (
      <span class="warn">{amount(row.stopPrice)}, not at the venue</span>
    ) : (
      amount(row.restingStop)
    ),
    <PositionActions {...row} />,
  ]);
  return (
    <Section title={`Open (${rows.length})`} readAt={readAt} error={error}>
      <Table
        label="Open positions"
        head={["Position", "Held", "Entry", "Last", "PnL", "Stop", "Actions"]}
        numbers={[1, 2, 3, 4, 5]}
        minor={[1, 2, 3, 5]}
        rows={rows}
        none="No position is open"
      />
    </Section>
  );
}

function Closed() {
  const asked = askedFor(filters);
  const sort = query.value.get("sort") ?? "closed";
  const direction = query.value.get("direction") ?? "down";
  const group = query.value.get("group") ?? "symbol";
  const sums = useView(
    "GET /api/v1/trade-sums",
    { query: { ...asked, group } as never },
    ofClosing,
  );
  const list = useList("GET /api/v1/trades", { ...asked, sort, direction }, ofClosing);
  return (
    <>
      <Section title="Closed trades" readAt={sums.readAt} error={sums.error}>
        <Filters choices={sums.data?.choices} />
        <Totals totals={sums.data?.totals ?? []} />
        <p class="exports">
          <Export route="GET /api/v1/trades.csv" asked={asked} file="trades.csv">
            All that match as CSV
          </Export>
          <Export route="GET /api/v1/trades.json" asked={asked} file="trades.json">
            as JSON
          </Export>
        </p>
      </Section>
      {sums.data && <Groups sums={sums.data} group={group} readAt={sums.readAt} />}
      <ClosedTable list={list} sort={sort} direction={direction} />
    </>
  );
}

/** Records that may have ended a round trip. */
const ofClosing = (entry: StreamEntry): boolean =>
  ofPositions(entry) && ["report", "effect", "timer", "start"].includes(entry.kind);

function Filters({ choices }: { readonly choices: Sums["choices"] | undefined }) {
  return (
    <div class="filters">
      <Day name="day" label="Day" />
      <Choice name="symbol" label="Symbol" all="all" options={choices?.symbols ?? []} />
      <Choice name="account" label="Account" all="all" options={choices?.accounts ?? []} />
      <Choice name="strategy" label="Strategy" all="all" options={choices?.strategies ?? []} />
      <Choice name="exit" label="Exit" all="all" options={exitReasons} />
    </div>
  );
}

function Totals({ totals }: { readonly totals: Sums["totals"] }) {
  if (totals.length === 0) return <p class="empty">No closed trade matches</p>;
  return (
    <>
      {totals.map(({ quote, trades, wins, pnl, fees, share }) => (
        <Tiles key={quote}>
          <Tile title="Trades" note={`${wins} won, ${percent(wins / trades, 1)}`}>
            {trades}
          </Tile>
          <Tile title={`Realised, ${quote}`} tone={Number(pnl) < 0 ? "bad" : "good"}>
            <Gain value={pnl} />
          </Tile>
          <Tile title="Of what was paid">
            <GainShare share={share} />
          </Tile>
          <Tile title="Fees">{money(fees, quote)}</Tile>
        </Tiles>
      ))}
    </>
  );
}

interface GroupsProps {
  readonly sums: Sums;
  readonly group: string;
  readonly readAt: number;
}

function Groups({ sums, group, readAt }: GroupsProps) {
  const most = Math.max(...sums.groups.map(({ pnl }) => Math.abs(Number(pnl))), 0);
  const hasCoins = new Set(sums.groups.map(({ quote }) => quote)).size > 1;
  const choice = <Choice name="group" label="by" options={groups} value={group} />;
  const rows = sums.groups.map((each) => [
    `${each.group}${hasCoins ? `, ${each.quote}` : ""}`,
    each.trades,
    percent(each.wins / each.trades, 0),
    <GainBar value={Number(each.pnl)} most={most} />,
    <Gain value={each.pnl} />,
    <GainShare share={each.share} />,
    plain(each.fees),
  ]);
  return (
    <Section title="Realised" readAt={readAt} tools={<span class="filters">{choice}</span>}>
      {sums.isOverlapping && (
        <p class="note">
          A trade counts for every strategy that voted for it: these come to more than the whole.
        </p>
      )}
      <Table
        label={`Realised by ${group}`}
        head={[group, "Trades", "Won", "", "PnL", "%", "Fees"]}
        numbers={[1, 2, 4, 5, 6]}
        minor={[2, 5, 6]}
        rows={rows}
        none="No closed trade matches"
      />
    </Section>
  );
}

/** Two things of one cell, one above the other. */
function Two({ children }: { readonly children: ComponentChildren }) {
  return <span class="two">{children}</span>;
}

interface ClosedTableProps {
  readonly list: List<Trade>;
  readonly sort: string;
  readonly direction: string;
}

function ClosedTable({ list, sort, direction }: ClosedTableProps) {
  const tools = (
    <span class="filters">
      <Choice name="sort" label="Sorted by" options={sortings} value={sort} />
      <Choice name="direction" label="going" options={["down", "up"]} value={direction} />
    </span>
  );
  const rows = list.rows.map((row) => [
    <Two>
      <a class="when" href={storyOf(row.positionId)}>{`${row.lane} #${row.number}`}</a>
      <span class="note">{row.account}</span>
    </Two>,
    amount(row.quantity),
    <Two>
      <span>{amount(row.entryPrice)}</span>
      <span>{amount(row.exitPrice)}</span>
    </Two>,
    <Two>
      <When at={row.openedAt} />
      <When at={row.closedAt} />
    </Two>,
    <span class="when">{span(row.closedAt - row.openedAt)}</span>,
    <Gain value={row.pnl} />,
    <GainShare share={row.share} />,
    plain(row.fees),
    row.exitReason ?? "–",
    row.votedBy === null ? "not kept" : row.votedBy.join(", "),
  ]);
  const head = ["Trade", "Quantity", "Entry, exit", "Opened, closed", "Held", "PnL", "%", "Fees"];
  return (
    <Section title="Trades" readAt={list.readAt} error={list.error} tools={tools}>
      <Table
        label="Closed trades"
        head={[...head, "Why", "Voted by"]}
        numbers={[1, 2, 5, 6, 7]}
        minor={[1, 2, 3, 4, 7, 9]}
        rows={rows}
        none="No closed trade matches"
      />
      <Pager list={list} />
    </Section>
  );
}
