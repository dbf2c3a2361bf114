import { askCommand, isRequested } from "../commands.tsx";
import { Control } from "../parts/control.tsx";
import { Empty, Section, Table } from "../parts/layout.tsx";
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
  const { positions } = state;
  return (
    <Section title="Positions" readAt={readAt}>
      {positions.length === 0 && <Empty>The lane holds nothing and enters nothing</Empty>}
      {positions.map((each) => (
        <PositionCard key={each.positionId} position={each} state={state} />
      ))}
    </Section>
  );
}

function PositionCard({
  position,
  state,
}: {
  readonly position: Position;
  readonly state: LaneState;
}) {
  const { positionId, actor, quantity, averagePrice, entryPrice, targetPrice, votedBy } = position;
  const { base, quote, price } = state;
  const figures = {
    Held: `${coins(quantity)} ${base}`,
    Entry: averagePrice ? coins(averagePrice) : (entryPrice && coins(entryPrice)) || "at market",
    Stop: <Stop position={position} price={price} />,
    Target: targetPrice ? coins(targetPrice) : "none",
    [`Open PnL, ${quote}`]: <Pnl value={position.openPnl} />,
  };
  return (
    <article class="position" aria-label={`Position ${positionId}`}>
      <header class="card-head">
        <h3>
          <a href={`/trades/${encodeURIComponent(positionId)}`}>{shortId(positionId, state)}</a>
        </h3>
        <a href={`/machines/${encodeURIComponent(actor)}`}>{position.state}</a>
        <span class="position-actions">
          <Actions position={position} state={state} />
        </span>
      </header>
      <dl class="figures">
        {Object.entries(figures).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {votedBy.length > 0 && <p class="note">Voted for by {votedBy.join(", ")}</p>}
    </article>
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
    <Control
      refused={refused}
      title={told}
      aria-label={`${word} ${positionId}${refused ? `, not possible: ${refused}` : ""}`}
      onClick={() => void ask(name, `${word} ${shortId(positionId, state)}`, told)}
    >
      {isRequested(name, positionId) ? `${word}: requested` : word}
    </Control>
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
        numbers={[2, 3]}
        head={[
          "Order",
          "Standing",
          `Filled of, ${base}`,
          "Price",
          <span class="phone-hidden">At the venue</span>,
        ]}
        rows={rows.map((each) => [
          <>
            <a class="nowrap" href={`/machines/${encodeURIComponent(each.actor)}`}>
              {each.intentId.split("/").at(-1)}
            </a>
            <span class="note block">
              {each.side}, {each.type}
            </span>
          </>,
          <Standing order={each} at={at} />,
          <>
            {coins(each.filled)}
            <span class="block note">of {coins(each.live.quantity)}</span>
          </>,
          <Price order={each} />,
          <span class="phone-hidden">
            <span class="mono">{each.venueOrderId ?? "no id yet"}</span>
            <span class="block note mono">{each.clientOrderId}</span>
          </span>,
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
      <strong class={`nowrap ${tone}`}>{text}</strong>
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
      {wanted && text(wanted) !== text(live) && (
        <span class="block warn small">wanted {text(wanted) || "market"}</span>
      )}
    </>
  );
}

/** A moment whose day is left out where there is no room for it. */
function Moment({ at }: { readonly at: number }) {
  const [day, time] = moment(at).split(" ");
  return (
    <span class="nowrap" title={moment(at)}>
      <span class="phone-hidden">{day} </span>
      {time}
    </span>
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
          <span class="phone-hidden">Fee</span>,
          "Order",
          "Trade",
        ]}
        rows={shown.map((each) => [
          <Moment at={each.at} />,
          <span class="nowrap">{each.side === "buy" ? "▲ bought" : "▼ sold"}</span>,
          coins(each.quantity),
          coins(each.price),
          <span class="nowrap phone-hidden">
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
