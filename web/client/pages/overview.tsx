import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { EquityChart } from "../parts/equity-chart.tsx";
import { Empty, Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import { PnlCalendar } from "../parts/pnl-calendar.tsx";
import { moment, money, percent, plain, signed, span } from "../parts/words.ts";

type OverviewData = Answer<"GET /api/v1/overview">;

/** The desk at a glance. */
export function Overview() {
  const { data, error, readAt } = useView("GET /api/v1/overview", {});
  const age = { readAt, error };
  return (
    <>
      {data && data.alerts.length > 0 && (
        <Section title="Alerts" readAt={readAt}>
          <Alerts alerts={data.alerts} />
        </Section>
      )}
      <Section title="Key figures" {...age}>
        {data && <Figures data={data} />}
      </Section>
      <div class="beside">
        <Section title="Equity and drawdown" readAt={readAt}>
          {data && <EquityChart curve={data.curve} quote={data.quote} />}
        </Section>
        <PnlCalendar />
      </div>
      <Section title="Open positions" readAt={readAt}>
        {data && <OpenPositions data={data} />}
      </Section>
      <Section title="Latest decisions" readAt={readAt}>
        {data && <Decisions decisions={data.decisions} />}
      </Section>
    </>
  );
}

function Alerts({ alerts }: Pick<OverviewData, "alerts">) {
  return (
    <ul class="alerts">
      {alerts.map(({ tone, text, link }) => (
        <li key={text} class={tone}>
          <span aria-hidden="true">{tone === "bad" ? "■" : "▲"}</span>{" "}
          {link === null ? text : <a href={link}>{text}</a>}
        </li>
      ))}
    </ul>
  );
}

const toneOf = (value: number) => (value > 0 ? "good" : value < 0 ? "bad" : undefined);

function Figures({ data }: { readonly data: OverviewData }) {
  const { kpi, equity, quote, positions, day, exposure, exposureCap } = data;
  const note =
    kpi.winRate === null
      ? `not enough data: ${kpi.trades} of ${kpi.leastTrades} trades`
      : undefined;
  const rated = (value: number | null, text: (value: number) => string) =>
    value === null ? "–" : text(value);
  const gain = (value: number) => `${signed(value)} ${quote}`;
  return (
    <Tiles>
      <Tile title="Equity">{money(equity, quote)}</Tile>
      <Tile title="Today" tone={toneOf(day.pnl)} note={`since ${plain(day.start)} ${quote}`}>
        {gain(day.pnl)}
      </Tile>
      <Tile title="Realised" tone={toneOf(kpi.realised)}>
        {gain(kpi.realised)}
      </Tile>
      <Tile title="Unrealised" tone={toneOf(kpi.unrealised)} note={`${positions.length} open`}>
        {gain(kpi.unrealised)}
      </Tile>
      <Tile title="Closed trades" note={otherTrades(kpi.otherTrades)}>
        {plain(kpi.trades)}
      </Tile>
      <Tile title="Win rate" note={note}>
        {rated(kpi.winRate, (share) => percent(share, 1))}
      </Tile>
      <Tile
        title="Profit factor"
        note={note ?? (kpi.profitFactor === null ? "no losses" : undefined)}
      >
        {rated(kpi.profitFactor, (factor) => plain(factor))}
      </Tile>
      <Tile title="Per trade" tone={toneOf(kpi.expectancy ?? 0)} note={note}>
        {rated(kpi.expectancy, gain)}
      </Tile>
      <Tile title="Fees">{money(kpi.fees, quote)}</Tile>
      <Tile title="Exposure" note={exposureCap === null ? "no cap" : `of ${plain(exposureCap)}`}>
        {exposure === null ? "not known" : money(exposure, quote)}
      </Tile>
      <Tile title="Drawdown" note={`largest ${percent(kpi.maxDrawdown)}`}>
        {percent(kpi.drawdown)}
      </Tile>
    </Tiles>
  );
}

const otherTrades = (others: number): string | undefined =>
  others === 0 ? undefined : `and ${others} in other coins, not in these sums`;

function OpenPositions({ data: { positions, at } }: { readonly data: OverviewData }) {
  return (
    <Table
      label="Open positions"
      head={["Position", "State", "Held", "Entry", "Price", "Stop", "To stop", "Unrealised", "Age"]}
      numbers={[2, 3, 4, 5, 6, 7, 8]}
      minor={[2, 3, 4, 5, 8]}
      none="No position is open"
      rows={positions.map((each) => [
        <a key="position" href={`/machines/${encodeURIComponent(each.actor)}`}>
          {each.positionId}
        </a>,
        each.state,
        plain(each.quantity, 8),
        each.entryPrice === null ? "–" : price(each.entryPrice),
        each.price === null ? "–" : price(each.price),
        `${price(each.stopPrice)}${each.isProtected ? "" : " (not resting)"}`,
        each.stopDistance === null ? "–" : percent(each.stopDistance),
        <Unrealised key="unrealised" of={each} />,
        each.openedAt === null ? "–" : span(at - each.openedAt),
      ])}
    />
  );
}

function Unrealised({ of: { unrealised, unrealisedShare } }: { readonly of: OpenRow }) {
  if (unrealised === null) return <>–</>;
  const share = unrealisedShare === null ? "" : ` (${signed(100 * unrealisedShare)} %)`;
  return (
    <span class={toneOf(unrealised)}>
      {signed(unrealised)}
      {share}
    </span>
  );
}

type OpenRow = OverviewData["positions"][number];

/** A number of many digits, cut; anything else as it is. */
const trimmed = (text: string): string =>
  /^-?\d+\.\d{4,}$/.test(text) ? String(Number(Number(text).toPrecision(4))) : text;

/** Six digits that count, whatever the price's size. */
const price = (value: string | number): string =>
  Number(value).toLocaleString("en-US", { maximumSignificantDigits: 6 });

function Decisions({ decisions }: Pick<OverviewData, "decisions">) {
  if (decisions.length === 0) return <Empty>No decision since the desk started</Empty>;
  return (
    <Table
      label="Latest decisions"
      head={["Time (UTC)", "Lane", "Decision", "Gate"]}
      none=""
      rows={decisions.map(({ at, lane, outcome, code, gate }) => [
        <span key="time" class="whole">
          <span class="phone-hidden">{moment(at).slice(0, 11)}</span>
          {moment(at).slice(11)}
        </span>,
        <a key="lane" href={`/trade/${encodeURIComponent(lane)}?at=${at}`}>
          {lane}
        </a>,
        outcome === "trade" ? <strong>{code}</strong> : code,
        gate === null ? "–" : `${gate.name}: ${trimmed(gate.value)}, wanted ${trimmed(gate.limit)}`,
      ])}
    />
  );
}
