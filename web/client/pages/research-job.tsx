import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { Empty, Section, Table, Tile, Tiles } from "../parts/layout.tsx";
import { moment, percent, plain, signed } from "../parts/words.ts";
import { Progress } from "./research.tsx";
import { ReportCharts } from "./research-charts.tsx";

type Result = NonNullable<Answer<"GET /api/v1/jobs/:id">["result"]>;
export type Report = Extract<Result, { kind: "report" }>;
type Study = Extract<Result, { kind: "study" }>;
type Walk = Extract<Result, { kind: "walk" }>;

const few = "not enough data";
const number = (value: number | null | undefined) =>
  value === null || value === undefined ? few : plain(value, 4);

function Facts({ facts }: { readonly facts: Report["facts"] }) {
  return (
    <div class="report-facts">
      {Object.entries(facts).map(([group, each]) => (
        <div key={group}>
          <h3>{group}</h3>
          <dl>
            {each.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}

const groupTitles: Readonly<Record<string, string>> = {
  symbol: "By symbol",
  strategy: "By strategy",
  exitReason: "By exit reason",
  hour: "By hour, UTC",
  weekday: "By weekday",
  month: "By month",
};

function Groups({ report }: { readonly report: Report }) {
  return (
    <>
      {Object.entries(report.groups).map(([name, rows]) => (
        <Section key={name} title={groupTitles[name] ?? name}>
          <Table
            label={groupTitles[name] ?? name}
            head={["", "Trades", "Win rate", `Profit, ${report.quote}`, "Profit factor", "Fees"]}
            numbers={[1, 2, 3, 4, 5]}
            none="No trade ended"
            rows={rows.map((row) => [
              row.group,
              row.trades,
              row.winRate === null ? few : percent(row.winRate, 0),
              <span key="profit" class={row.profit < 0 ? "bad" : "good"}>
                {signed(row.profit, 8)}
              </span>,
              number(row.profitFactor),
              plain(row.fees, 8),
            ])}
          />
        </Section>
      ))}
    </>
  );
}

/** What makes the run that run, in words. */
function provenance(report: Report): string {
  const { market, seed, configHash, version, ledgerHead, candles, decisions, costs } = report;
  return [
    ...[market, `seed ${seed}`, `configuration ${configHash.slice(0, 12)}`, `version ${version}`],
    ...[`ledger head ${ledgerHead.slice(0, 12)}`, `${plain(candles)} candles`],
    `${plain(decisions)} decisions`,
    `costs: ${costs.map(([name, value]) => `${name} ${value}`).join(", ")}`,
  ].join("; ");
}

function ReportView({ report }: { readonly report: Report }) {
  const { trades, tradesInAll, quote, sensitivity, noTrade } = report;
  return (
    <>
      <Section title="What it came to">
        <Facts facts={report.facts} />
        <p class="note">{provenance(report)}</p>
      </Section>
      <ReportCharts report={report} />
      <Groups report={report} />
      {sensitivity.length > 0 && (
        <Section title="Under other costs">
          <Table
            label="Under other costs"
            head={["Fees", "Slippage and spread", "Total return", "Trades", "Max drawdown"]}
            numbers={[0, 1, 2, 3, 4]}
            none=""
            rows={sensitivity.map((row) => [
              `× ${row.fees}`,
              `× ${row.slippage}`,
              percent(row.totalReturn),
              row.trades,
              percent(row.maxDrawdown),
            ])}
          />
        </Section>
      )}
      <Section title="Why it did not trade">
        <Table
          label="Decisions that were no trade"
          head={["Code", "Decisions"]}
          numbers={[1]}
          none="Every decision was a trade"
          rows={noTrade.map(({ code, count }) => [code, plain(count)])}
        />
      </Section>
      <Section title={`Trades: the last ${trades.length} of ${tradesInAll}`}>
        <Table
          label="Trades"
          head={[
            "Lane",
            "Opened (UTC)",
            "Closed (UTC)",
            "Entry",
            "Exit",
            `Profit, ${quote}`,
            "Why",
          ]}
          numbers={[3, 4, 5]}
          none="No trade ended"
          rows={trades.map((trade) => [
            trade.lane,
            moment(trade.openedAt),
            trade.closedAt === null ? "open" : moment(trade.closedAt),
            plain(trade.entryPrice, 8),
            trade.exitPrice === null ? "–" : plain(trade.exitPrice, 8),
            <span key="profit" class={Number(trade.profit) < 0 ? "bad" : "good"}>
              {signed(trade.profit, 8)}
            </span>,
            trade.exitReason ?? "–",
          ])}
        />
      </Section>
    </>
  );
}

function StudyView({ study }: { readonly study: Study }) {
  const names = study.objectives.map(({ name }) => name);
  const keys = Object.keys(study.rows[0]?.point ?? {});
  return (
    <Section title={`Trials, best first: ${study.rows.length} of ${study.rowsInAll}`}>
      <p class="note">
        {study.deflated === null
          ? "Too few trials or returns to correct the best one's Sharpe ratio for their number"
          : `Probability that the best one's Sharpe ratio is no luck, corrected for ${study.rowsInAll} trials: ${percent(study.deflated, 1)}`}
        . A star marks trials that no other one beats in every objective.
      </p>
      <Table
        label="Trials"
        head={["", "Trial", ...keys, ...names, "Trades", "Total return"]}
        numbers={[1, ...[...names, "trades", "return"].map((_, index) => 2 + keys.length + index)]}
        none="No trial came to a result"
        rows={study.rows.map(({ trial, point, scores, pareto, error }) => [
          pareto ? "★" : "",
          trial,
          ...keys.map((key) => point[key] ?? ""),
          ...(error === null
            ? names.map((name) => number(scores[name]))
            : [
                <span key="error" class="bad">
                  {error}
                </span>,
                ...names.slice(1).map(() => ""),
              ]),
          scores.trades ?? "–",
          scores.totalReturn === null || scores.totalReturn === undefined
            ? few
            : percent(scores.totalReturn),
        ])}
      />
    </Section>
  );
}

function WalkView({ walk }: { readonly walk: Walk }) {
  const names = walk.objectives.map(({ name }) => name);
  const day = (at: number) => moment(at).slice(0, 16);
  return (
    <Section title="In sample and out of sample">
      <Table
        label="Steps of the walk"
        head={["Trained on", "Tested on", "Trials", "Best", "", ...names, "Trades", "Total return"]}
        numbers={[2, ...[...names, "trades", "return"].map((_, index) => 5 + index)]}
        none="The data is too short for one step"
        rows={walk.steps.flatMap((step) => {
          const point = Object.entries(step.point ?? {}).map((pair) => pair.join("="));
          const cells = (scores: typeof step.inSample) => [
            ...names.map((name) => number(scores?.[name])),
            scores?.trades ?? "–",
            scores?.totalReturn == null ? few : percent(scores.totalReturn),
          ];
          const stretches = [
            `${day(step.train.from)} to ${day(step.train.until)}`,
            `${day(step.test.from)} to ${day(step.test.until)}`,
          ];
          return [
            [...stretches, step.trials, point.join(" ") || "none", "in", ...cells(step.inSample)],
            ["", "", "", "", "out", ...cells(step.outOfSample)],
          ];
        })}
      />
    </Section>
  );
}

function ResultView({ result }: { readonly result: Result }) {
  switch (result.kind) {
    case "report":
      return <ReportView report={result} />;
    case "study":
      return <StudyView study={result} />;
    case "walk":
      return <WalkView walk={result} />;
    case "analysis":
      return (
        <Section title="What it found">
          <pre>{JSON.stringify(result.values, null, 2)}</pre>
        </Section>
      );
    case "text":
      return (
        <Section title="What it said">
          <pre>{result.text}</pre>
        </Section>
      );
  }
}

/** One job: what it was asked, how far it is, and what it came to. */
export function JobPage({ jobId }: { readonly jobId: string }) {
  const { data, error, readAt } = useView(
    "GET /api/v1/jobs/:id",
    { params: { id: jobId } },
    ({ actors }) => actors.includes(`job:${jobId}`),
  );
  const job = data?.job;
  return (
    <>
      <Section title={`Job ${jobId}`} readAt={readAt} error={error}>
        {job && (
          <>
            <p>
              <code>{job.command}</code>
            </p>
            <Tiles>
              <Tile title="State" note={job.reason ?? undefined}>
                {job.state}
              </Tile>
              <Tile title="Progress">
                <Progress job={job} />
              </Tile>
              <Tile title="Asked for" note={`by ${job.who}, the desk's time (UTC)`}>
                {moment(job.queuedAt)}
              </Tile>
              <Tile title="Begun">{job.starts === 1 ? "once" : `${job.starts} times`}</Tile>
            </Tiles>
            {job.state === "done" && data?.result === null && <Empty>It left no result</Empty>}
          </>
        )}
      </Section>
      {data?.result && <ResultView result={data.result} />}
    </>
  );
}
