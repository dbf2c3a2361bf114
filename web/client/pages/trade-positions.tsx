import { askCommand, isRequested } from "../commands.tsx";
import { Section, Table } from "../parts/layout.tsx";
import { moment, plain, signed, span } from "../parts/words.ts";
import type { LaneState } from "./trade.tsx";
import type { LaneChartData } from "./trade-data.ts";

type Position = LaneState["positions"][number];
type Order = LaneState["orders"][number];

interface StateProps {
  readonly state: LaneState;
  readonly readAt: number;
}

const coins = (text: string) => plain(text, 8);

/** What the lane holds or enters, with what can be done about it. */
export function Positions({ state, readAt }: StateProps) {
  const { positions, base, quote } = state;
  return (
    <Section title="Positions" readAt={readAt}>
      <Table
        label="Positions of the lane"
        none="The lane holds nothing and enters nothing"
        numbers={[2, 3, 4, 5, 6]}
        head={[
          "Position",
          "State",
          `Held, ${base}`,
          "Entry",
          "Stop",
          "Target",
          `Open PnL, ${quote}`,
          "",
        ]}
        rows={positions.map((each) => [
          <>
            <a href={`/trades/${encodeURIComponent(each.positionId)}`}>
              {shortId(each.positionId, state)}
            </a>
            <span class="note block">
              {each.votedBy.length > 0 && `voted by ${each.votedBy.join(", ")}`}
            </span>
          </>,
          <a href={`/machines/${encodeURIComponent(each.actor)}`}>{each.state}</a>,
          coins(each.quantity),
          each.averagePrice ? coins(each.averagePrice) : each.entryPrice && coins(each.entryPrice),
          <Stop position={each} price={state.price} />,
          each.targetPrice ? coins(each.targetPrice) : "none",
          <Pnl value={each.openPnl} />,
          <Actions position={each} state={state} />,
        ])}
      />
    </Section>
  );
}

/** `BTC/USD/3`: without the account that the page names. */
const shortId = (id: string, { account }: LaneState): string =>
  id.startsWith(`${account}/`) ? id.slice(account.length + 1) : id;

function Pnl({ value }: { readonly value: string | null }) {
  if (value === null) return <>–</>;
  return <span class={Number(value) < 0 ? "bad" : "good"}>{signed(value)}</span>;
}

function Stop({ position, price }: { readonly position: Position; readonly price: string | null }) {
  const { stopPrice, restingStop, isOver } = position;
  const resting = restingStop?.stopPrice;
  const away = price === null ? null : Number(stopPrice) / Number(price) - 1;
  return (
    <>
      {coins(stopPrice)}
      {away !== null && !isOver && (
        <span class="note block">{signed(100 * away)} % from the price</span>
      )}
      {!isOver && resting == null && <strong class="block warn">none rests at the venue</strong>}
      {resting != null && resting !== stopPrice && (
        <span class="block note">at the venue {coins(resting)}</span>
      )}
    </>
  );
}

/** What may be done to a position; what may not is disabled, and says why. */
function Actions({ position, state }: { readonly position: Position; readonly state: LaneState }) {
  const { positionId, actor, seq, quantity, exitRefused, abandonRefused, isOver } = position;
  if (isOver) return <span class="note">over</span>;
  const ask = (name: "exit" | "abandon", confirm: string, consequence: string) =>
    askCommand({
      ...{ name, confirm, consequence, target: positionId, isSlow: true },
      title: `${confirm} of ${state.account}`,
      expected: { actor: { name: actor, seq } },
    });
  const held = `${coins(quantity)} ${state.base}`;
  const button = (name: "exit" | "abandon", refused: string | null, word: string, told: string) => (
    <button
      type="button"
      disabled={refused !== null}
      title={refused ?? told}
      aria-label={`${word} ${positionId}${refused ? `, not possible: ${refused}` : ""}`}
      onClick={() => void ask(name, `${word} ${shortId(positionId, state)}`, told)}
    >
      {isRequested(name, positionId) ? `${word}: requested` : word}
    </button>
  );
  return (
    <span class="pair">
      {button(
        "exit",
        exitRefused,
        "Close",
        `Its resting orders are cancelled, and ${held} sold at market.`,
      )}
      {button(
        "abandon",
        abandonRefused,
        "Abandon entry",
        "Its working entry is cancelled. What it bought stays, protected by its stop.",
      )}
    </span>
  );
}

const standings: Readonly<Record<Order["standing"], readonly [string, string]>> = {
  unknown: ["? fate unknown", "bad"],
  inFlight: ["⇄ in flight", "warn"],
  working: ["● working", "good"],
  over: ["over", "dim"],
};

/** Orders that live or only just ended. */
export function Orders({ state, readAt }: StateProps) {
  const { orders, at, base } = state;
  const order: readonly Order["standing"][] = ["unknown", "inFlight", "working", "over"];
  const rows = orders.toSorted((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing));
  return (
    <Section title="Orders" readAt={readAt}>
      <Table
        label="Orders of the lane"
        none="No order works, and none ended lately"
        numbers={[3, 4, 5]}
        head={["Order", "Standing", "Side", `Quantity, ${base}`, "Price", "Filled", "At the venue"]}
        rows={rows.map((each) => [
          <>
            <a href={`/machines/${encodeURIComponent(each.actor)}`}>
              {each.intentId.split("/").at(-1)}
            </a>{" "}
            <span class="note">{each.type}</span>
          </>,
          <Standing order={each} at={at} />,
          each.side,
          coins(each.live.quantity),
          <Price order={each} />,
          `${coins(each.filled)}`,
          <>
            <span class="mono">{each.venueOrderId ?? "no id yet"}</span>
            <span class="block note mono">{each.clientOrderId}</span>
          </>,
        ])}
      />
    </Section>
  );
}

function Standing({ order, at }: { readonly order: Order; readonly at: number }) {
  const { standing, doubtSince, lookUps, state, reason, attempts } = order;
  const [text, tone] = standings[standing];
  return (
    <>
      <strong class={tone}>{text}</strong>
      {doubtSince !== null && (
        <span class="block note">
          for {span(at - doubtSince)}, looked up {lookUps} times
        </span>
      )}
      {attempts > 1 && <span class="block note">attempt {attempts}</span>}
      {reason && <span class="block note">{reason}</span>}
      <span class="block note" title={state}>
        {leafOf(state)}
      </span>
    </>
  );
}

/** `live.held.open live.asked.none …` as `open`: what the venue holds; else the whole state. */
const leafOf = (state: string): string => /(?:^|\s)live\.held\.(\S+)/.exec(state)?.[1] ?? state;

function Price({ order: { live, wanted } }: { readonly order: Order }) {
  const text = ({ price, stopPrice }: Order["live"]) =>
    [stopPrice && `stop ${coins(stopPrice)}`, price && coins(price)].filter(Boolean).join(", ");
  return (
    <>
      {text(live) || "market"}
      {wanted && <span class="block warn small">wanted {text(wanted) || "market"}</span>}
    </>
  );
}

const fillsShown = 20;

/** Fills on the chart, newest first, as numbers. */
export function Fills({
  chart,
  readAt,
}: {
  readonly chart: LaneChartData;
  readonly readAt: number;
}) {
  const { fills, base, quote, hasOlder } = chart;
  const shown = fills.toReversed().slice(0, fillsShown);
  return (
    <Section title="Fills on the chart" readAt={readAt}>
      <Table
        label="Fills on the chart"
        none="Nothing was traded in the time that the chart shows"
        numbers={[2, 3, 4]}
        head={[
          "Time (UTC)",
          "Side",
          `Quantity, ${base}`,
          `Price, ${quote}`,
          "Fee",
          "Order",
          "Trade",
        ]}
        rows={shown.map((each) => [
          <span class="nowrap">{moment(each.at)}</span>,
          <span class="nowrap">{each.side === "buy" ? "▲ bought" : "▼ sold"}</span>,
          coins(each.quantity),
          coins(each.price),
          <span class="nowrap">
            {plain(each.fee, 6)} {each.feeCoin}
          </span>,
          <a href={`/machines/${encodeURIComponent(`order:${each.intentId}`)}`}>{each.role}</a>,
          <a href={`/trades/${encodeURIComponent(each.positionId)}`}>
            {each.positionId.split("/").at(-1)}
          </a>,
        ])}
      />
      {(fills.length > shown.length || hasOlder) && (
        <p class="note">
          The last {shown.length} of {fills.length} fills in the candles that were read
        </p>
      )}
    </Section>
  );
}
