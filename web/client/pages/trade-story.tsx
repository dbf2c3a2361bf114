import type { Answer } from "../api.ts";
import { type StreamEntry, useView } from "../live.ts";
import { Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import { amount, Gain, GainShare } from "../parts/lists.tsx";
import { moment, money, plain, span } from "../parts/words.ts";
import { StoryChart } from "./trade-story-chart.tsx";
import { PositionActions } from "./trades.tsx";

export type StoryView = Answer<"GET /api/v1/trades/:positionId">;
type StoryOrder = StoryView["orders"][number];

const chartOf = (actor: string, seq: number): string =>
  `/machines/${encodeURIComponent(actor)}?seq=${seq}`;

/** One trade from its signal to the ledger. */
export function Story({ positionId }: { readonly positionId: string }) {
  const isOfIt = ({ correlation, actors }: StreamEntry) =>
    correlation === positionId || actors.includes(`position:${positionId}`);
  const { data, error, readAt } = useView(
    "GET /api/v1/trades/:positionId",
    { params: { positionId } },
    isOfIt,
  );
  return (
    <>
      <Section title={`Trade ${positionId}`} readAt={readAt} error={error}>
        <p class="links">
          <a href="/trades">All trades</a>
          <a href={`/machines/sequence/${encodeURIComponent(positionId)}`}>Who said what to whom</a>
          {data && <LinksOf story={data} />}
        </p>
        {data && <Result story={data} />}
      </Section>
      {data && <Signal story={data} />}
      {data?.result && <StoryChart story={data} />}
      {data && <Timeline story={data} readAt={readAt} />}
      {data?.orders.map((order) => (
        <Order key={order.intentId} order={order} />
      ))}
      {data && <Postings story={data} />}
    </>
  );
}

function LinksOf({ story }: { readonly story: StoryView }) {
  const { lane, positionId, decision } = story;
  const seq = story.steps.at(-1)?.seq ?? 0;
  const at = decision ? `?at=${decision.at}` : "";
  return (
    <>
      <a href={`/trade/${encodeURIComponent(lane)}${at}`}>Its lane's chart</a>
      <a href={chartOf(`position:${positionId}`, seq)}>Its state machine</a>
      <a href={`/journal?correlation=${encodeURIComponent(positionId)}`}>Its journal records</a>
    </>
  );
}

function Result({ story }: { readonly story: StoryView }) {
  const { result, state, quote, account, votedBy } = story;
  const isOver = state === "closed";
  return (
    <>
      <Tiles>
        <Tile title="State" note={result?.exitReason ? `because of ${result.exitReason}` : account}>
          {state}
        </Tile>
        {result && (
          <>
            <Tile title={`Realised, ${quote}`} tone={Number(result.pnl) < 0 ? "bad" : "good"}>
              <Gain value={result.pnl} />
            </Tile>
            <Tile title="Of what was paid">
              <GainShare share={result.share} />
            </Tile>
            <Tile title="Bought" note={`at ${amount(result.entryPrice)} on average`}>
              {amount(result.quantity)}
            </Tile>
            <Tile title="Sold at" note={`${plain(result.held, 8)} held`}>
              {amount(result.exitPrice)}
            </Tile>
            <Tile title="Fees">{money(result.fees, quote)}</Tile>
            <Tile title="Held for" note={`from ${moment(result.openedAt)}`}>
              {result.closedAt === null ? "still held" : span(result.closedAt - result.openedAt)}
            </Tile>
          </>
        )}
      </Tiles>
      <p>Voted by {votedBy === null ? "nobody knows whom any more" : votedBy.join(", ")}</p>
      {!isOver && <PositionActions {...story} />}
    </>
  );
}

function Signal({ story }: { readonly story: StoryView }) {
  const { decision } = story;
  if (!decision) {
    return (
      <Section title="Signal">
        <p class="empty">
          Its record is not in the journal any more: <code>novactor journal verify</code> reads the
          archives, and <code>novactor why</code> judges a past decision again.
        </p>
      </Section>
    );
  }
  const { seq, at, votedBy, quantity, price, stopPrice, targetPrice, gates } = decision;
  return (
    <Section
      title="Signal"
      tools={
        <a href={`/journal/${seq}`} class="note">
          record {seq}
        </a>
      }
    >
      <p>
        {moment(at)}: buy {plain(quantity, 8)}{" "}
        {price === null ? "at market" : `at ${amount(price)}`}, stop {amount(stopPrice)},{" "}
        {targetPrice === null ? "no target" : `target ${amount(targetPrice)}`}; voted by{" "}
        {votedBy.join(", ")}.
      </p>
      <Votes lane={story.lane} seq={seq} />
      <Table
        label="What its gates were told of the desk"
        head={["Told of the desk", "Value"]}
        rows={gates.map(({ name, value }) => [name, value])}
        none="Nothing of the desk could have made a difference"
      />
    </Section>
  );
}

/** The votes of the timeframes at the signal, as they are judged again from the journal. */
function Votes({ lane, seq }: { readonly lane: string; readonly seq: number }) {
  const { data, error } = useView(
    "GET /api/v1/lanes/:lane/votes/:seq",
    { params: { lane, seq: String(seq) } },
    () => false,
  );
  if (error) return <p class="note">The votes cannot be told: {error}</p>;
  if (!data) return <p class="note">reading the votes</p>;
  const { evaluation } = data;
  if (!evaluation) return <p class="note">The votes cannot be told: {data.unknown}</p>;
  const rows = evaluation.frames.flatMap(({ frame, regime, votes }) =>
    votes
      .filter(({ direction }) => direction !== 0)
      .map((vote) => [
        frame,
        regime,
        vote.strategy,
        vote.direction > 0 ? "hold" : "leave",
        vote.strength === null ? "failed" : plain(vote.strength, 2),
        plain(vote.weight, 3),
        vote.words,
      ]),
  );
  return (
    <details>
      <summary>
        {rows.length} votes, {evaluation.gates.filter(({ isOpen }) => isOpen).length} of{" "}
        {evaluation.gates.length} gates open
      </summary>
      <Table
        label="Votes at the signal"
        head={["Frame", "Regime", "Strategy", "Says", "Strength", "Weight", "Why"]}
        numbers={[4, 5]}
        minor={[1, 5, 6]}
        rows={rows}
        none="Nobody voted"
      />
      <Table
        label="Gates at the signal"
        head={["Gate", "Saw", "Limit", ""]}
        rows={evaluation.gates.map(({ name, value, limit, isOpen }) => [
          ...[name, value, limit],
          isOpen ? "open" : "closed",
        ])}
        none="No gate was judged"
      />
    </details>
  );
}

function Timeline({ story, readAt }: { readonly story: StoryView; readonly readAt: number }) {
  const { steps, isWhole } = story;
  return (
    <Section title="What happened" readAt={readAt}>
      {!isWhole && (
        <p class="warn">Older records of it are in the journal's archives: this is the rest.</p>
      )}
      <ol class="timeline" aria-label="What happened, in its order">
        {steps.map(({ seq, at, kind, actor, title, text }, index) => (
          <li key={index} class={kind}>
            <time>{moment(at)}</time>
            <span class="happened">
              <strong>{title}</strong>
              {text !== "" && <span class="note"> {text}</span>}
            </span>
            <span class="links">
              <a href={`/journal/${seq}`}>record {seq}</a>
              {actor !== null && <a href={chartOf(actor, seq)}>machine</a>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Order({ order }: { readonly order: StoryOrder }) {
  const { intentId, side, type, quantity, price, stopPrice, venueOrderId, reason } = order;
  const terms = [
    ...[side, plain(quantity, 8), type],
    ...(price === null ? [] : [`at ${amount(price)}`]),
    ...(stopPrice === null ? [] : [`stop ${amount(stopPrice)}`]),
  ];
  return (
    <Section title={intentId.slice(intentId.lastIndexOf("/") + 1)}>
      <p>
        {terms.join(" ")}. {order.state}, filled {plain(order.filled, 8)}
        {venueOrderId === null ? "" : `; the venue's ${venueOrderId}`}
        {reason === null ? "" : `: ${reason}`}
      </p>
      <p class="path">
        {order.states.map(({ state, at, seq }, index) => (
          <a key={seq} href={`/journal/${seq}`} title={moment(at)}>
            {index > 0 && "→ "}
            {state.toUpperCase()}
          </a>
        ))}
      </p>
      <Table
        label={`Sendings of ${intentId}`}
        head={["Sent", "As", "Quantity", "Price"]}
        numbers={[2, 3]}
        rows={order.attempts.map((each) => [
          ...[moment(each.sentAt), <code>{each.clientOrderId}</code>, plain(each.quantity, 8)],
          each.price === null ? "at market" : amount(each.price),
        ])}
        none="It was never sent"
      />
      <Fills order={order} />
    </Section>
  );
}

function Fills({ order }: { readonly order: StoryOrder }) {
  if (order.fills.length === 0) return <p class="empty">Nothing of it was filled</p>;
  return (
    <details>
      <summary>
        {order.fills.length} {order.fills.length === 1 ? "fill" : "fills"} with their postings
      </summary>
      <Table
        label={`Fills of ${order.intentId}`}
        head={["Fill", "At", "Quantity", "Price", "Fee", "", "Postings"]}
        numbers={[2, 3, 4]}
        minor={[0, 5]}
        rows={order.fills.map((fill) => [
          <code>{fill.tradeId}</code>,
          moment(fill.at),
          plain(fill.quantity, 8),
          amount(fill.price),
          `${plain(fill.fee, 8)} ${fill.feeCoin}`,
          fill.liquidity,
          <PostingLines lines={fill.postings} />,
        ])}
        none=""
      />
    </details>
  );
}

type Line = StoryOrder["fills"][number]["postings"][number];

/** Lines of one entry, small. */
export function PostingLines({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <ul class="lines">
      {lines.map(({ account, coin, amount }, index) => (
        <li key={index}>
          <span>{account}</span>
          <span>
            {amount} {coin}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Postings({ story }: { readonly story: StoryView }) {
  const coins = [...new Set(story.postings.map(({ coin }) => coin))];
  const isBalanced = story.postings.every((each) => each.isBalanced);
  return (
    <Section title="Postings, all entries of the trade">
      <Table
        label="Postings by coin and account"
        head={["Coin", "Account", "Sum"]}
        numbers={[2]}
        rows={story.postings.map(({ coin, account, amount }) => [coin, account, amount])}
        none="Nothing was posted yet"
      />
      {coins.length > 0 && (
        <p class={isBalanced ? "good" : "bad"}>
          {isBalanced
            ? `Comes to zero in ${coins.join(" and in ")}`
            : "Does not come to zero in every coin"}
        </p>
      )}
    </Section>
  );
}
