import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { indexPath } from "./index-file.ts";
import { Past } from "./past.ts";
import { PastError, PastThread } from "./past-thread.ts";
import { type FaultyRun, faultyRun } from "./run.fixture.ts";

let run: FaultyRun;
beforeAll(async () => {
  run = await faultyRun({ hours: 8 });
});
afterAll(() => run[Symbol.dispose]());

const refusal = async (asked: Promise<unknown>): Promise<PastError> => {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PastError)) throw new Error(`It was not refused: ${error}`);
  return error;
};

describe("the thread that looks into the past", () => {
  test("answers as the past itself does, and says how far it goes", async () => {
    using thread = new PastThread(run.ledgerFile);
    for (let isLevel = false; !isLevel; ) {
      const { indexed } = await thread.ask(undefined, "extent");
      isLevel = indexed.seq === indexed.of;
    }
    using past = new Past(run.ledgerFile);
    const { answer, indexed } = await thread.ask(undefined, "moment", "desk");
    expect(answer).toEqual(past.moment("desk"));
    expect(indexed).toEqual(past.indexed());
    expect((await thread.ask(undefined, "search", { kind: "bar" }, 5)).answer).toEqual(
      past.search({ kind: "bar" }, 5),
    );
  });

  test("keeps its index as private as the ledger", async () => {
    using thread = new PastThread(run.ledgerFile);
    await thread.ask(undefined, "extent");
    expect(statSync(indexPath(run.ledgerFile)).mode & 0o777).toBe(0o600);
    expect(statSync(`${indexPath(run.ledgerFile)}-wal`).mode & 0o777).toBe(0o600);
  });

  test("lets all files go before it ends", async () => {
    const thread = new PastThread(run.ledgerFile);
    await thread.ask(undefined, "extent");
    const log = `${indexPath(run.ledgerFile)}-wal`;
    expect(existsSync(log)).toBe(true);
    thread[Symbol.dispose]();
    expect(existsSync(log)).toBe(false);
  });

  test("lists ledgers, the own one first, and none of what is no ledger", async () => {
    writeFileSync(join(run.folder, "notes.db"), "not a database");
    copyFileSync(indexPath(run.ledgerFile), join(run.folder, "other-kind.db"));
    for (const name of ["a", "b", "c", "d", "e"]) {
      copyFileSync(run.ledgerFile, join(run.folder, `${name}.db`));
    }
    using thread = new PastThread(run.ledgerFile);
    const ledgers = await thread.ledgers();
    expect(ledgers[0]).toMatchObject({ name: "desk.db", isOwn: true });
    expect(ledgers.map(({ name }) => name).sort()).toEqual([
      ...["a.db", "b.db", "c.db", "d.db", "desk.db", "e.db"],
    ]);
    // More than are open at a time: those that were closed are opened again.
    for (const name of ["a.db", "b.db", "c.db", "d.db", "e.db", "a.db"]) {
      const { answer } = await thread.ask(name, "extent");
      expect(answer).toEqual((await thread.ask(undefined, "extent")).answer);
    }
  });

  test.each(["../desk.db", "/etc/passwd", "notes.db", "x.db", "desk.db.index", ""])(
    "refuses %j, which is none of the listed ones",
    async (name) => {
      using thread = new PastThread(run.ledgerFile);
      const error = await refusal(thread.ask(name, "extent"));
      expect([error.isUnknown, error.message]).toEqual([
        true,
        `Cannot find ledger "${name}": it is none of the listed ones`,
      ]);
    },
  );

  test("says that a ledger cannot be read, and answers on once it can", async () => {
    const path = join(run.folder, "late.db");
    using thread = new PastThread(path);
    const error = await refusal(thread.ask(undefined, "extent"));
    expect(error.isUnknown).toBe(false);
    expect(error.message).toContain("late.db");
    copyFileSync(run.ledgerFile, path);
    const { answer } = await thread.ask(undefined, "extent");
    expect(answer.first?.seq).toBe(1);
  });

  test("that was ended leaves no question open", async () => {
    const thread = new PastThread(run.ledgerFile);
    const asked = refusal(thread.ask(undefined, "extent"));
    thread[Symbol.dispose]();
    expect((await asked).message).toBe("Cannot look into the past: the desk ended");
    expect((await refusal(thread.ask(undefined, "extent"))).isUnknown).toBe(false);
  });

  test("does not keep a process alive", async () => {
    const module = JSON.stringify(join(import.meta.dir, "past-thread.ts"));
    const script = `
      const { PastThread } = await import(${module});
      const thread = new PastThread(${JSON.stringify(run.ledgerFile)});
      console.log((await thread.ask(undefined, "extent")).answer.first.seq);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("1\n");
    expect(await child.exited).toBe(0);
  });
});
