import { type Command, Option } from "commander";
import type { JobView } from "../../actors/desk/mod.ts";
import { jobKinds } from "../../machines/job.machine.ts";
import { table } from "./config.ts";
import { askDesk } from "./control.ts";
import { dbOption, sendCommand } from "./operator.ts";

interface JobFlags {
  readonly db: string;
  readonly reason: string;
}

/** The jobs as a table, the newest last. */
export function jobsText(jobs: readonly JobView[]): string {
  if (jobs.length === 0) return "no jobs";
  const head = ["job", "state", "what", "progress", "result"];
  const rows = jobs.map(({ jobId, state, kind, args, done, of, result, reason }) => [
    ...[jobId, state, `${kind} ${args.join(" ")}`.slice(0, 60)],
    of === null ? "" : `${done} of ${of}`,
    result ?? reason?.split("\n", 1)[0] ?? "",
  ]);
  return table([head, ...rows]).trimEnd();
}

/** Adds `job start|list|cancel` to the command line. */
export function registerJobCommands(program: Command): void {
  const job = program
    .command("job")
    .description("research that runs beside a desk, and goes on when it is started again")
    .enablePositionalOptions();
  job
    .command("start")
    .description(`queue a job: ${jobKinds.join(", ")}, with what follows it in a shell`)
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .argument("<kind>", "what to run")
    .argument("[args...]", "its options, as in a shell")
    .passThroughOptions()
    .action((kind: string, said: readonly string[], { db, reason }: JobFlags) => {
      // It parts the kind from its options, as a shell's own commands have it, and is none of them.
      const args = said[0] === "--" ? said.slice(1) : said;
      const details = { args: JSON.stringify(args), folder: process.cwd() };
      return sendCommand(db, { name: "jobStart", target: kind, reason, details });
    });
  job
    .command("list")
    .description("the jobs of the running desk, and how far they are")
    .addOption(dbOption())
    .addOption(new Option("--json", "as JSON").default(false))
    .action(async ({ db, json }: { db: string; json: boolean }) => {
      const { jobs } = (await askDesk(db, "/jobs")) as { jobs: JobView[] };
      console.log(json ? JSON.stringify(jobs) : jobsText(jobs));
    });
  job
    .command("cancel <id>")
    .description("end a job; what it finished is kept, and a new one like it goes on from there")
    .addOption(dbOption())
    .option("--reason <text>", "why, for the record", "")
    .action((id: string, { db, reason }: JobFlags) =>
      sendCommand(db, { name: "jobCancel", target: id, reason }),
    );
}
