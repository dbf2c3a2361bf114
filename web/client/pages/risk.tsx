import { useState } from "preact/hooks";
import type { Answer } from "../api.ts";
import { askCommand, isRequested } from "../commands.tsx";
import { useView } from "../live.ts";
import { Control } from "../parts/control.tsx";
import { Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import { Gain, UseBar } from "../parts/lists.tsx";
import { moment, money, percent, plain, span } from "../parts/words.ts";

type RiskView = Answer<"GET /api/v1/risk">;
type AccountRisk = RiskView["accounts"][number];
type Brake = RiskView["brakes"][number];

/** Limits and their use, exposure, and whatever stops or doubts. */
export function Risk() {
  const { data, error, readAt } = useView("GET /api/v1/risk", {});
  if (!data) {
    return (
      <Section title="Risk" readAt={readAt} error={error}>
        <p class="empty">reading</p>
      </Section>
    );
  }
  const shared = { readAt, error };
  return (
    <>
      <Brakes {...data} {...shared} />
      {data.doubts.length > 0 && <Doubts {...data} {...shared} />}
      <Exposure {...data} {...shared} />
      {data.accounts.map((account) => (
        <Limits key={account.account} account={account} {...shared} />
      ))}
      <Breakers {...data} {...shared} />
      <CoolDowns {...data} {...shared} />
    </>
  );
}

interface Read {
  readonly readAt: number;
  readonly error: string | null;
}

function Brakes({ brakes, scopes, at, readAt, error }: RiskView & Read) {
  return (
    <Section title={`Brakes (${brakes.length})`} readAt={readAt} error={error}>
      {brakes.length === 0 && <p class="empty">Nothing stops new exposure</p>}
      <ul class="cards">
        {brakes.map((brake) => (
          <BrakeCard key={brake.brakeId} brake={brake} at={at} seen={brakes} />
        ))}
      </ul>
      <HoldForm scopes={scopes} />
    </Section>
  );
}

interface BrakeCardProps {
  readonly brake: Brake;
  readonly at: number;
  readonly seen: readonly Brake[];
}

function BrakeCard({ brake, at, seen }: BrakeCardProps) {
  const { brakeId, scope, reason, since, releasedBy, releaseRefused } = brake;
  const release = () =>
    askCommand({
      ...{ name: "release", target: brakeId, title: `Release ${brakeId}` },
      expected: { brakes: seen.map((each) => each.brakeId) },
      consequence: `New exposure may be taken on ${scope} again, unless another brake is on there. It was put on because: ${reason}`,
      confirm: `Release ${brakeId}`,
      isSlow: true,
    });
  return (
    <li class="brake-card">
      <strong>{brakeId}</strong>
      <p>{reason}</p>
      <p class="note">
        stops {scope}, for {span(at - since)} (since {moment(since)}); released by {releasedBy}
      </p>
      <Control
        onClick={release}
        refused={releaseRefused}
        disabled={isRequested("release", brakeId)}
      >
        Release {brakeId}
      </Control>
      {releaseRefused !== null && <p class="note">Not by hand: {releaseRefused}</p>}
    </li>
  );
}

function HoldForm({ scopes }: { readonly scopes: readonly string[] }) {
  const [scope, setScope] = useState("");
  const target = scope || scopes[0] || "";
  const hold = (event: Event) => {
    event.preventDefault();
    void askCommand({
      ...{ name: "hold", target, title: `Hold ${target}` },
      consequence: `No new exposure is taken on ${target}, and entries that work there are cancelled. Positions stay managed and protected. It ends by releasing hold/${target}.`,
      confirm: `Hold ${target}`,
    });
  };
  return (
    <form class="filters" onSubmit={hold}>
      <label>
        No new exposure on{" "}
        <select value={target} onChange={(event) => setScope(event.currentTarget.value)}>
          {scopes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <Control type="submit" disabled={target === "" || isRequested("hold", target)}>
        Hold
      </Control>
    </form>
  );
}

function Doubts({ doubts, at, readAt, error }: RiskView & Read) {
  const rows = doubts.map((each) => [
    each.intentId,
    <code>{each.clientOrderId}</code>,
    each.venueOrderId ?? "–",
    `${span(at - each.since)} ago`,
    each.lookUps,
    <ResolveForm intentId={each.intentId} known={each.venueOrderId} />,
  ]);
  return (
    <Section title={`Orders in doubt (${doubts.length})`} readAt={readAt} error={error}>
      <p class="note">
        Nobody knows what became of these. They are looked up until it is proved; say what became of
        one only if you saw it at the venue.
      </p>
      <Table
        label="Orders in doubt"
        head={["Order", "Sent as", "The venue's", "In doubt since", "Look-ups", "Resolve"]}
        numbers={[4]}
        minor={[1, 4]}
        rows={rows}
        none="No order is in doubt"
      />
    </Section>
  );
}

interface ResolveProps {
  readonly intentId: string;
  readonly known: string | null;
}

function ResolveForm({ intentId, known }: ResolveProps) {
  const [venueOrderId, setId] = useState(known ?? "");
  const resolve = (fate: "placed" | "absent") =>
    askCommand({
      ...{ name: "resolve", target: intentId, title: `Resolve ${intentId}: ${fate}` },
      details: fate === "placed" ? { fate, venueOrderId } : { fate },
      consequence:
        fate === "placed"
          ? `It is looked for at the venue as ${venueOrderId}, and stays in doubt until it is found there and agrees.`
          : "It ends and is not sent again. If it is at the venue after all, the account is braked.",
      confirm: `Resolve as ${fate}`,
      isSlow: true,
    });
  return (
    <span class="actions">
      <input
        value={venueOrderId}
        placeholder="the venue's id"
        aria-label={`The venue's id of ${intentId}`}
        onInput={(event) => setId(event.currentTarget.value)}
      />
      <Control disabled={venueOrderId === ""} onClick={() => resolve("placed")}>
        It is placed
      </Control>
      <Control onClick={() => resolve("absent")}>It is absent</Control>
    </span>
  );
}

function Exposure({ exposures, accounts, readAt, error }: RiskView & Read) {
  const held = accounts.flatMap(({ account, symbols, quote }) =>
    symbols.map((each) => ({ ...each, account, quote })),
  );
  const most = Math.max(...held.map(({ value }) => Number(value)), 0);
  return (
    <Section title="Exposure" readAt={readAt} error={error}>
      <Tiles>
        {exposures.map(({ quote, exposure, cap }) => (
          <Tile
            key={quote}
            title={`Cost of positions and working entries, ${quote}`}
            note={
              cap === null ? (
                "no cap is set"
              ) : (
                <>
                  of at most {money(cap, quote)}
                  <UseBar label="Exposure" share={Number(exposure ?? cap) / Number(cap)} />
                </>
              )
            }
          >
            {exposure === null ? "a price is not known" : money(exposure, quote)}
          </Tile>
        ))}
      </Tiles>
      <Table
        label="Value of positions by symbol and account"
        head={["Symbol", "Account", "Positions", "Value", "Of equity", ""]}
        numbers={[2, 3, 4]}
        minor={[2]}
        rows={held.map(({ symbol, account, positions, value, share, quote }) => [
          ...[symbol, account, positions, money(value, quote), percent(share)],
          <UseBar
            label={`${symbol} beside the largest`}
            share={most > 0 ? (Number(value) / most) * 0.74 : 0}
          />,
        ])}
        none="Nothing is held"
      />
    </Section>
  );
}

interface LimitsProps extends Read {
  readonly account: AccountRisk;
}

function Limits({ account, readAt, error }: LimitsProps) {
  const { openPositions, positionCap, dayLoss, dayLossMost, dayPnl, quote } = account;
  const { largestShare, maxShare, stopRisk, riskShare } = account;
  const loss = Math.max(0, dayLoss);
  const part = (share: number, most: number) => (most > 0 ? share / most : 0);
  const bars = [
    [
      "Positions",
      `${openPositions} of ${positionCap}`,
      <UseBar label="Positions" share={part(openPositions, positionCap)} />,
    ],
    [
      "Lost today",
      `${percent(loss)} of ${percent(dayLossMost)}`,
      <UseBar label="The day's loss" share={part(loss, dayLossMost)} />,
    ],
    [
      "Largest position",
      `${largestShare === null ? "none" : percent(largestShare)} of ${percent(maxShare)}`,
      <UseBar label="The largest position" share={part(largestShare ?? 0, maxShare)} />,
    ],
    [
      "Lost if all stops were hit",
      `${stopRisk === null ? "not known" : percent(stopRisk)} of ${percent(riskShare * positionCap)}`,
      <UseBar label="Risk to the stops" share={part(stopRisk ?? 0, riskShare * positionCap)} />,
    ],
  ] as const;
  return (
    <Section title={`Limits of ${account.account}`} readAt={readAt} error={error}>
      <Tiles>
        <Tile title="Equity">{money(account.equity, quote)}</Tile>
        <Tile title={`Today, ${quote}`} tone={Number(dayPnl) < 0 ? "bad" : "good"}>
          <Gain value={dayPnl} />
        </Tile>
        <Tile title="Risked in one position">{percent(riskShare)}</Tile>
      </Tiles>
      <Table
        label={`Limits of ${account.account} and their use`}
        head={["Limit", "Used", ""]}
        rows={bars.map((cells) => [...cells])}
        none=""
      />
    </Section>
  );
}

function Breakers({ breakers, readAt, error }: RiskView & Read) {
  const words = { closed: "closed", open: "OPEN: stops", halfOpen: "half-open: on trial" } as const;
  const tones = { closed: "good", open: "bad", halfOpen: "warn" } as const;
  const rows = breakers.map((each) => [
    <span class="two">
      <a href={`/machines/${encodeURIComponent(each.actor)}`}>{each.rule}</a>
      <span class="note">{each.scope}</span>
    </span>,
    <span class={tones[each.state]}>{words[each.state]}</span>,
    each.counts ?? "–",
    each.limit,
    each.trips,
    each.reason ?? "–",
    each.openedAt === null ? "–" : moment(each.openedAt),
    each.releasedBy,
  ]);
  const head = ["Breaker", "State", "Counts", "Trips at", "Trips", "Last cause", "Opened"];
  return (
    <Section title="Breakers" readAt={readAt} error={error}>
      <Table
        label="Breakers"
        head={[...head, "Released by"]}
        numbers={[4]}
        minor={[2, 3, 5, 6, 7]}
        rows={rows}
        none="There are no breakers"
      />
    </Section>
  );
}

function CoolDowns({ coolDowns, at, readAt, error }: RiskView & Read) {
  return (
    <Section title={`Cool-downs (${coolDowns.length})`} readAt={readAt} error={error}>
      <Table
        label="Lanes that wait after a position closed"
        head={["Lane", "Account", "Waits until", "That is in"]}
        minor={[1]}
        rows={coolDowns.map(({ lane, account, until, actor }) => [
          <a href={`/machines/${encodeURIComponent(actor)}`}>{lane}</a>,
          account,
          until === null ? "–" : moment(until),
          until === null ? "–" : `${plain(Math.max(0, (until - at) / 1_000), 0)} s of the market`,
        ])}
        none="No lane waits after a position closed"
      />
    </Section>
  );
}
