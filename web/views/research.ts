import type { z } from "zod";
import { type JobView, jobsOf } from "../../actors/desk/mod.ts";
import type { jobRequest, jobView, researchRoutes } from "../api/research.ts";
import { type Handlers, RouteError } from "../api/route.ts";
import type { PanelOptions } from "../server/ports.ts";

type Request = z.output<typeof jobRequest>;

/** An argument as a shell would want it written. */
const quoted = (text: string): string => (/^[\w./:=,@+-]+$/.test(text) ? text : `'${text}'`);

function shown({ args, folder: _, result: _r, ...job }: JobView): z.input<typeof jobView> {
  // Where a report is kept is the desk's own affair: what a shell would be given has no such file.
  const at = job.kind === "backtest" ? args.indexOf("--json") : -1;
  const told = at === -1 ? args : args.toSpliced(at + 1, 1);
  return { ...job, command: ["novactor", job.kind, ...told].map(quoted).join(" ") };
}

/** @throws {RouteError} for what the kind of job does not take */
function marketArgs({ kind, market, series, from, until, seed }: Request): string[] {
  const refuse = (why: string) => new RouteError(400, `Cannot queue ${kind}: ${why}`);
  if (market === "stored" && series.length === 0) throw refuse("wanted a stored series");
  if (from !== undefined && kind === "backtest") throw refuse("a backtest has no --from");
  const args = market === "stored" ? series.flatMap((each) => ["--data", each]) : [];
  if (market === "generator") {
    args.push(
      ...(kind === "backtest" ? ["--set", "market.source=generator"] : ["--market", market]),
    );
  }
  if (from !== undefined) args.push("--from", from);
  if (until !== undefined) args.push("--until", until);
  if (seed !== undefined) args.push("--seed", String(seed));
  return args;
}

/** What a shell would be given; each text is a value of an option, never an option. */
function argsOf(request: Request, research: PanelOptions["research"]): string[] {
  const { idempotencyKey, kind, analysis, set, vary, search, count, objectives, train, test } =
    request;
  const args = [
    ...research.configuration,
    ...marketArgs(request),
    ...set.flatMap((one) => ["--set", `${one.key}=${one.value}`]),
  ];
  if (kind === "backtest") {
    args.push("--json", research.reportFile(idempotencyKey));
    if (request.keepsJournal) args.push("--ledger", research.ledgerFile(idempotencyKey));
    return request.sensitivity ? [...args, "--sensitivity"] : args;
  }
  if (kind === "analyze") {
    if (!analysis) throw new RouteError(400, "Cannot queue analyze: wanted what to analyse");
    return [analysis, ...args, "--json"];
  }
  if (vary.length === 0)
    throw new RouteError(400, `Cannot queue ${kind}: wanted a key that varies`);
  args.push(...vary.flatMap((one) => ["--vary", `${one.key}=${one.value}`]));
  if (search !== undefined) args.push("--search", search);
  if (count !== undefined) args.push("--count", String(count));
  args.push(...objectives.flatMap((each) => ["--objective", each]), "--json");
  if (kind === "optimize") return args;
  if (train === undefined || test === undefined) {
    throw new RouteError(400, "Cannot queue walkforward: wanted lengths to train and test on");
  }
  return [...args, "--train", train, "--test", test];
}

/** Research beside the desk. */
export function researchViews({
  desk,
  research,
  obey,
}: Pick<PanelOptions, "desk" | "research" | "obey">): Handlers<typeof researchRoutes> {
  const jobs = () => {
    desk.commit();
    return jobsOf(desk.actors());
  };
  return {
    "GET /api/v1/jobs": async () => {
      const series = [...(await research.series())];
      return { jobs: jobs().reverse().map(shown), series };
    },
    "GET /api/v1/jobs/:id": async ({ params }) => {
      const job = jobs().find(({ jobId }) => jobId === params.id);
      if (!job) throw new RouteError(404, `Cannot find job "${params.id}"`);
      return { job: shown(job), result: await research.resultOf(job) };
    },
    "POST /api/v1/jobs": async ({ body, who }) => {
      const { kind, reason, idempotencyKey } = body;
      const args = argsOf(body, research);
      const details = { args: JSON.stringify(args), folder: research.folder };
      const { done, text } = await obey({
        ...{ name: "jobStart", target: kind, reason, details, idempotencyKey },
        ...{ who: who.name, role: who.role },
      });
      if (!done) throw new RouteError(409, text);
      return { done, text };
    },
  };
}
