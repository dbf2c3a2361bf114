import type { Answer } from "../api.ts";
import { type StreamEntry, useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { moment, percent, plain, span } from "../parts/words.ts";
import { query, setQuery } from "../router.ts";
import { HeatMap, HeatMapKey } from "./scanner-votes.tsx";

type Scan = Answer<"GET /api/v1/scanner">;
export type ScannedLane = Scan["lanes"][number];

const concerns = ({ kind }: StreamEntry) => kind === "bar" || kind === "move";

const sorts: Readonly<Record<string, (a: ScannedLane, b: ScannedLane) => number>> = {
  name: (a, b) => a.lane.localeCompare(b.lane),
  change: (a, b) => (b.change ?? -9) - (a.change ?? -9),
  confidence: (a, b) => (b.confidence ?? -1) - (a.confidence ?? -1),
  decision: (a, b) => (a.decision?.code ?? "").localeCompare(b.decision?.code ?? ""),
};

/** All lanes: what each sees, and why it trades or does not. */
export function Scanner() {
  const { data, error, readAt } = useView("GET /api/v1/scanner", {}, concerns);
  const lanes = data ? shown(data.lanes) : [];
  return (
    <>
      <Section title="Lanes" readAt={readAt} error={error}>
        <Filters scan={data} count={lanes.length} />
        {data && <Silenced scan={data} />}
        {data && lanes.length === 0 && <Empty>No lane is let through by the filter</Empty>}
        {data && lanes.length > 0 && <Lanes lanes={lanes} at={data.at} />}
        {data && <HeatMapKey lanes={data.lanes} />}
      </Section>
      <Section title="Decisions by outcome" readAt={readAt}>
        {data && <Codes scan={data} />}
      </Section>
    </>
  );
}

/** What the address lets through, in its order. */
function shown(lanes: readonly ScannedLane[]): readonly ScannedLane[] {
  const text = (query.value.get("filter") ?? "").toLowerCase();
  const code = query.value.get("code") ?? "";
  const leans = query.value.has("leaning");
  const order = sorts[query.value.get("sort") ?? "name"] ?? (() => 0);
  return lanes
    .filter(({ lane, account }) => `${account} ${lane}`.toLowerCase().includes(text))
    .filter(({ decision }) => code === "" || decision?.code === code)
    .filter(({ leaning }) => !leans || leaning !== 0)
    .toSorted(order);
}

function Filters({ scan, count }: { readonly scan: Scan | null; readonly count: number }) {
  const value = (name: string) => query.value.get(name) ?? "";
  return (
    <div class="filters">
      <label>
        Filter
        <input
          type="search"
          class="block"
          placeholder="symbol or account"
          value={value("filter")}
          onInput={({ currentTarget }) => setQuery({ filter: currentTarget.value })}
        />
      </label>
      <label>
        Decision
        <select
          class="block"
          value={value("code")}
          onChange={({ currentTarget }) => setQuery({ code: currentTarget.value })}
        >
          <option value="">all</option>
          {scan?.codes.map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </select>
      </label>
      <label>
        Sort by
        <select
          class="block"
          value={value("sort") || "name"}
          onChange={({ currentTarget }) => setQuery({ sort: currentTarget.value })}
        >
          {Object.keys(sorts).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={query.value.has("leaning")}
          onChange={({ currentTarget }) => setQuery({ leaning: currentTarget.checked ? 1 : null })}
        />{" "}
        only leaning
      </label>
      {scan && (
        <span class="note">
          {count} of {scan.lanes.length} lanes
        </span>
      )}
    </div>
  );
}

/** Strategies that are not heard, and why. */
function Silenced({ scan }: { readonly scan: Scan }) {
  const quarantined = scan.lanes.flatMap(({ lane, quarantined: names }) =>
    names.map((name) => `${name} on ${lane}`),
  );
  if (scan.off.length === 0 && quarantined.length === 0) return null;
  return (
    <ul class="silenced">
      {scan.off.map(({ strategy, reason, until }) => (
        <li key={strategy}>
          <strong class="warn">{strategy} is switched off</strong>
          {reason && `: ${reason}`}
          {until !== null && `, until ${moment(until)}`}
        </li>
      ))}
      {quarantined.map((each) => (
        <li key={each}>
          <strong class="warn">In quarantine: {each}</strong>, it failed again and again
        </li>
      ))}
    </ul>
  );
}

function Lanes({ lanes, at }: { readonly lanes: readonly ScannedLane[]; readonly at: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
    <section class="wide" tabIndex={0} aria-label="Lanes">
      <table class="scan">
        <thead>
          <tr>
            <th scope="col">Lane</th>
            <th scope="col" class="number">
              Price
            </th>
            <th scope="col">Regime</th>
            <th scope="col">Confluence</th>
            <th scope="col">Votes</th>
            <th scope="col">Why, or why not now</th>
            <th scope="col">Position</th>
            <th scope="col" class="number">
              Data age
            </th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <Row key={lane.lane} lane={lane} at={at} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ lane: each, at }: { readonly lane: ScannedLane; readonly at: number }) {
  const { lane, account, price, regimes, votes, lastClosedAt, actor } = each;
  const age = lastClosedAt === null ? null : at - lastClosedAt;
  return (
    <tr>
      <th scope="row">
        <a href={`/trade/${encodeURIComponent(lane)}`}>{lane}</a>
        <span class="note block">{account}</span>
        <a class="small" href={`/machines/${encodeURIComponent(actor)}`}>
          scanner
        </a>
      </th>
      <td class="number" data-label="Price">
        {price === null ? "none yet" : plain(price, 8)}
        <Change lane={each} />
      </td>
      <td data-label="Regime">
        {regimes.map(({ frame, regime }) => (
          <span key={frame} class="block small nowrap">
            <span class="dim">{frame}</span> {words(regime)}
          </span>
        ))}
      </td>
      <td data-label="Confluence">
        <Confluence lane={each} />
      </td>
      <td data-label="Votes">
        <HeatMap lane={lane} votes={votes} />
      </td>
      <td data-label="Why, or why not now" class="why">
        <Why lane={each} />
      </td>
      <td data-label="Position">
        <Held lane={each} at={at} />
      </td>
      <td class="number" data-label="Data age">
        {age === null ? "no bar yet" : span(age)}
      </td>
    </tr>
  );
}

/** `rangeHigh` as it is read: `range high`. */
const words = (name: string): string =>
  name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

function Change({ lane: { change, changeSince } }: { readonly lane: ScannedLane }) {
  if (change === null || changeSince === null)
    return <span class="note block">no change known</span>;
  const tone = change > 0 ? "good" : change < 0 ? "bad" : "dim";
  return (
    <span class={`block small ${tone}`} title={`since ${moment(changeSince)}`}>
      {change > 0 ? "+" : ""}
      {percent(change)}
    </span>
  );
}

const leanings = {
  "1": ["▲ hold", "good"],
  "0": ["– nowhere", "dim"],
  "-1": ["▼ leave", "bad"],
} as const;

function Confluence({ lane: { leaning, confidence } }: { readonly lane: ScannedLane }) {
  const [text, tone] = leanings[`${leaning}`];
  return (
    <>
      <span class={`block nowrap ${tone}`}>{text}</span>
      {confidence !== null && leaning !== 0 && (
        <span class="small nowrap">confidence {plain(confidence, 2, 2)}</span>
      )}
    </>
  );
}

function Why({ lane: { decision, bars, warmup, isWarm } }: { readonly lane: ScannedLane }) {
  if (!decision) return <span class="dim">no decision yet</span>;
  const { seq, code, words: text, gate } = decision;
  return (
    <>
      <a href={`/journal/${seq}`}>{code}</a>
      <span class="block">{text}</span>
      {gate && <span class="block note">{gate.words}</span>}
      {!isWarm && (
        <span class="block note">
          {bars} of {warmup} bars heard
        </span>
      )}
    </>
  );
}

function Held({ lane, at }: { readonly lane: ScannedLane; readonly at: number }) {
  const { position, state, coolsUntil, unknownOrders } = lane;
  return (
    <>
      {position && (
        <a class="block" href={`/trades/${encodeURIComponent(position.positionId)}`}>
          {position.state}
        </a>
      )}
      {position && <span class="block small">{plain(position.quantity, 8)}</span>}
      {!position && <span class="block dim">{words(state)}</span>}
      {coolsUntil !== null && (
        <span class="block small">cools down for {span(coolsUntil - at)}</span>
      )}
      {unknownOrders > 0 && (
        <strong class="block warn">{unknownOrders} order(s) of unknown fate</strong>
      )}
    </>
  );
}

/** How often each outcome came up: bars with their numbers. */
function Codes({ scan: { codes, decisions } }: { readonly scan: Scan }) {
  const most = Math.max(1, ...codes.map(({ count }) => count));
  if (decisions === 0) return <Empty>No decision was made yet</Empty>;
  return (
    <ul class="codes">
      {codes.map(({ code, words: text, count }) => (
        <li key={code}>
          <button
            type="button"
            class="code"
            title={text}
            aria-label={`${code}: ${count}. Show lanes that decided so last`}
            onClick={() => setQuery({ code })}
          >
            {code}
          </button>
          <span class="code-bar">
            <span style={{ width: `${(100 * count) / most}%` }} />
          </span>
          <span class="number">
            {plain(count)} <span class="dim">({percent(count / decisions, 1)})</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
