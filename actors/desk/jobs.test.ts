/** Jobs through the facade: who may ask for them, what is recorded, what outlives a restart. */
import { afterAll, describe, expect, test } from "bun:test";
import type { Command } from "../../machines/domain/command.ts";
import { TestFolder } from "../runtime/testing/small-system.ts";
import { type JobNews, jobsOf } from "./jobs.ts";
import { DeskWorld } from "./testing/desk-world.ts";

const folder = new TestFolder();
afterAll(() => folder[Symbol.dispose]());
let files = 0;
const newFile = (): string => {
  files += 1;
  return folder.file(`${files}.db`);
};

let keys = 0;
function command(world: DeskWorld, parts: Partial<Command>) {
  keys += 1;
  const whole: Command = {
    ...{ name: "jobStart", who: "ada", role: "operate", target: "optimize", reason: "" },
    ...{ details: { args: '["--json"]', folder: "/" }, idempotencyKey: `key-${keys}` },
    ...parts,
  };
  return world.desk.command(whole);
}

const tell = (world: DeskWorld, jobId: string, news: JobNews) =>
  world.desk.observe({ type: "job", jobId, news });

const states = (world: DeskWorld) =>
  jobsOf(world.desk.actors()).map(({ jobId, state }) => `${jobId} ${state}`);

describe("a job", () => {
  test("is queued by a command, which is journaled, and shown with what it is to run", async () => {
    using world = await DeskWorld.started({ path: newFile() });
    expect(command(world, {})).toEqual({ done: true, text: "job 1 is queued" });
    expect(command(world, { target: "analyze" }).text).toBe("job 2 is queued");
    expect(states(world)).toEqual(["1 queued", "2 queued"]);
    const [job] = jobsOf(world.desk.actors());
    expect(job).toMatchObject({ kind: "optimize", args: ["--json"], folder: "/", who: "ada" });
    const records = world.journal().filter(({ kind }) => kind === "command");
    expect(records.map(({ subject }) => subject)).toEqual(["jobStart", "jobStart"]);
  });

  test.each([
    ["a viewer", { role: "view" }, 'role "operate" is needed'],
    ["what is no research", { target: "start" }, "wanted one of backtest, optimize"],
    ["arguments that are none", { details: { args: "{}" } }, "as a list of texts"],
    ["arguments that are not JSON", { details: { args: "[" } }, "as a list of texts"],
    ["a cancel of what is not there", { name: "jobCancel", target: "9" }, "no job is under way"],
  ] as const)("is refused to %s", async (_, parts, why) => {
    using world = await DeskWorld.started({ path: newFile() });
    const { done, text } = command(world, parts as Partial<Command>);
    expect([done, text.includes(why)]).toEqual([false, true]);
    expect(states(world)).toEqual([]);
  });

  test("is told of by its process, and cancelled by a command", async () => {
    using world = await DeskWorld.started({ path: newFile() });
    for (let count = 0; count < 3; count += 1) command(world, {});
    tell(world, "1", { type: "job.begun" });
    tell(world, "1", { type: "job.progressed", done: 5, of: 9 });
    tell(world, "2", { type: "job.begun" });
    tell(world, "2", { type: "job.finished", result: "2.out" });
    expect(command(world, { name: "jobCancel", target: "1" }).done).toBe(true);
    expect(command(world, { name: "jobCancel", target: "2" }).done).toBe(false);
    expect(states(world)).toEqual(["1 cancelled", "2 done", "3 queued"]);
    const [first] = jobsOf(world.desk.actors());
    expect(first).toMatchObject({ done: 5, of: 9, reason: "cancelled by ada" });
    expect(world.desk.status().alarms).toBe(0);
  });

  test("outlives a restart as it was", async () => {
    const path = newFile();
    {
      using world = await DeskWorld.started({ path });
      command(world, {});
      command(world, {});
      tell(world, "1", { type: "job.begun" });
      world.desk.stop();
    }
    using world = await DeskWorld.started({ path });
    expect(states(world)).toEqual(["1 running", "2 queued"]);
    tell(world, "1", { type: "job.interrupted" });
    expect(states(world)).toEqual(["1 queued", "2 queued"]);
    expect(command(world, {}).text).toBe("job 3 is queued");
  });

  test("is one of few: too many wait, and the oldest that ended make room", async () => {
    using world = await DeskWorld.started({ path: newFile() });
    for (let count = 1; count <= 60; count += 1) {
      command(world, {});
      tell(world, String(count), { type: "job.failed", reason: "no candles" });
    }
    expect(states(world)).toHaveLength(50);
    expect(states(world)[0]).toBe("11 failed");
    for (let count = 0; count < 20; count += 1) expect(command(world, {}).done).toBe(true);
    expect(command(world, {}).text).toContain("20 jobs wait or run, wanted fewer than 20");
  });
});
