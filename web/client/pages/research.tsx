import { useState } from "preact/hooks";
import type { Answer } from "../api.ts";
import { askCommand } from "../commands.tsx";
import { useView } from "../live.ts";
import { Control } from "../parts/control.tsx";
import { Section, Table } from "../parts/layout.tsx";
import { moment, plain, span } from "../parts/words.ts";
import { pathParts, query, setQuery } from "../router.ts";
import { Comparison } from "./research-compare.tsx";
import { JobForm } from "./research-form.tsx";
import { JobPage } from "./research-job.tsx";

export type Job = Answer<"GET /api/v1/jobs">["jobs"][number];

const isAlive = ({ state }: Job) => state === "queued" || state === "running";

/** How far a job is: a bar with its numbers. */
export function Progress({ job }: { readonly job: Job }) {
  const { state, done, of } = job;
  if (of === null) return <>{state === "running" ? "not told yet" : "–"}</>;
  return (
    <span class="progress">
      <progress max={of} value={done} aria-label={`Progress of job ${job.jobId}`} />
      <span class="note">
        {plain(done)} of {plain(of)}
      </span>
    </span>
  );
}

function CancelButton({ job }: { readonly job: Job }) {
  return (
    <Control
      onClick={() =>
        askCommand({
          name: "jobCancel",
          target: job.jobId,
          title: `Cancel job ${job.jobId}`,
          consequence: `${
            job.state === "running"
              ? "Its process is ended. What it has finished is kept"
              : "It is not begun"
          }: ${job.command}`,
          confirm: `Cancel job ${job.jobId}`,
        })
      }
    >
      Cancel
    </Control>
  );
}

function took({ startedAt, endedAt }: Job): string {
  return startedAt === null || endedAt === null ? "–" : span(endedAt - startedAt);
}

const chosenJobs = () => (query.value.get("compare") ?? "").split(",").filter(Boolean);

function Jobs({ jobs }: { readonly jobs: readonly Job[] }) {
  const chosen = chosenJobs();
  const choose = (jobId: string, isChosen: boolean) => {
    // Of what the address says by then, not of what was drawn: two may be chosen at once.
    const others = chosenJobs().filter((each) => each !== jobId);
    const next = isChosen ? [...others, jobId] : others;
    setQuery({ compare: next.join(",") });
  };
  const rows = jobs.map((job) => [
    job.kind === "backtest" && job.state === "done" ? (
      <input
        key="choose"
        type="checkbox"
        aria-label={`Compare job ${job.jobId}`}
        checked={chosen.includes(job.jobId)}
        onChange={(event) => choose(job.jobId, event.currentTarget.checked)}
      />
    ) : (
      ""
    ),
    <a key="job" href={`/research/${job.jobId}`}>
      {job.jobId}
    </a>,
    <a key="state" href={`/machines/${encodeURIComponent(`job:${job.jobId}`)}`}>
      {job.state}
    </a>,
    <span key="what" class="job-command">
      <code>{job.command}</code>
      {job.reason && <span class="bad block">{job.reason}</span>}
    </span>,
    <Progress key="progress" job={job} />,
    `${moment(job.queuedAt)} by ${job.who}`,
    took(job),
    isAlive(job) ? <CancelButton key="cancel" job={job} /> : "",
  ]);
  return (
    <>
      <Table
        label="Jobs, newest first"
        head={["", "Job", "State", "What", "Progress", "Asked for (UTC)", "Took, desk's time", ""]}
        minor={[5, 6]}
        rows={rows}
        none="No job was asked for on this ledger yet"
      />
      {chosen.length > 1 && <Comparison jobIds={chosen} />}
      {chosen.length === 1 && <p class="note">Choose another backtest to compare it with</p>}
    </>
  );
}

const concernsJobs = ({ actors }: { readonly actors: readonly string[] }) =>
  actors.some((name) => name.startsWith("job:"));

/** Backtests, optimisations and analyses beside the desk: started, watched, stopped, read. */
export function Research() {
  const [, jobId] = pathParts.value;
  return jobId === undefined ? <AllJobs /> : <JobPage key={jobId} jobId={jobId} />;
}

function AllJobs() {
  const { data, error, readAt } = useView("GET /api/v1/jobs", {}, concernsJobs);
  const [isAsking, ask] = useState(false);
  return (
    <Section
      title="Research"
      readAt={readAt}
      error={error}
      tools={
        <button type="button" aria-expanded={isAsking} onClick={() => ask(!isAsking)}>
          {isAsking ? "Close" : "New job"}
        </button>
      }
    >
      <p class="note">
        Jobs run one at a time, each in a process of its own beside the desk, and go on after a
        restart. Times are the desk's, which run faster than a clock where its market does.
      </p>
      {isAsking && <JobForm series={data?.series ?? []} onAsked={() => ask(false)} />}
      {data && <Jobs jobs={data.jobs} />}
    </Section>
  );
}
