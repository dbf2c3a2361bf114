import { useEffect, useState } from "preact/hooks";
import { call } from "../api.ts";
import { Table } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import type { Report } from "./research-job.tsx";

interface Compared {
  readonly jobId: string;
  readonly report: Report;
}

async function reportsOf(jobIds: readonly string[]): Promise<Compared[]> {
  const answers = await Promise.all(
    jobIds.map((id) => call("GET /api/v1/jobs/:id", { params: { id } })),
  );
  return answers.map(({ job, result }) => {
    if (result?.kind === "report") return { jobId: job.jobId, report: result };
    throw new Error(`Cannot compare job ${job.jobId}: it has no report`);
  });
}

/** What has to be known before one run is taken for better than another. */
function warnings([first, ...others]: readonly Compared[]): string[] {
  if (!first) return [];
  return others.flatMap(({ jobId, report }) => {
    const differ: string[] = [];
    if (report.market !== first.report.market) differ.push("another market");
    if (report.from !== first.report.from || report.until !== first.report.until) {
      differ.push("another stretch of time");
    }
    if (report.quote !== first.report.quote) differ.push("another quote coin");
    return differ.length === 0 ? [] : [`Job ${jobId} is of ${differ.join(" and ")}`];
  });
}

/** Backtests side by side. */
export function Comparison({ jobIds }: { readonly jobIds: readonly string[] }) {
  const [compared, setCompared] = useState<readonly Compared[]>([]);
  const [error, setError] = useState<string | null>(null);
  const key = jobIds.join(",");
  useEffect(() => {
    let isOver = false;
    reportsOf(key.split(",")).then(
      (found) => {
        if (isOver) return;
        setCompared(found);
        setError(null);
      },
      (cause: Error) => !isOver && setError(cause.message),
    );
    return () => {
      isOver = true;
    };
  }, [key]);
  const stretch = ({ from, until }: Report) =>
    from === null || until === null
      ? "–"
      : `${moment(from).slice(0, 10)} to ${moment(until).slice(0, 10)}`;
  const groups = compared[0]?.report.facts ?? {};
  const rows = [
    ["market", ...compared.map(({ report }) => report.market)],
    ["time", ...compared.map(({ report }) => stretch(report))],
    ["configuration", ...compared.map(({ report }) => report.configHash.slice(0, 12))],
    ...Object.entries(groups).flatMap(([group, facts]) =>
      facts.map(([name], index) => [
        name,
        ...compared.map(({ report }) => report.facts[group]?.[index]?.[1] ?? "–"),
      ]),
    ),
  ];
  return (
    <div class="compare">
      <h3>Side by side</h3>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {warnings(compared).map((text) => (
        <p key={text} class="warn">
          {text}
        </p>
      ))}
      {compared.length > 0 && (
        <Table
          label="Backtests side by side"
          head={["", ...compared.map(({ jobId }) => `Job ${jobId}`)]}
          rows={rows}
          none=""
        />
      )}
    </div>
  );
}
