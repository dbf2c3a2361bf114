/** Real files, a real disk and a real event loop: each is waited for, none for a time. */
import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { vitalBrakeId } from "../../actors/desk/mod.ts";
import type { Vital } from "../../actors/desk/ports.ts";
import { DeskWorld } from "../../actors/desk/testing/desk-world.ts";
import { TestFolder } from "../../actors/runtime/testing/small-system.ts";
import { emergencyFile, type VitalOptions, watchVitals } from "./vitals.ts";

/** Lets the loop turn until it is so; the test's own time-out is the only clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(1);
}

interface Watched extends Disposable {
  readonly seen: Vital[];
  readonly failures: unknown[];
  readonly ledgerFile: string;
  /** What it is braked by, as a desk would be by what it was told. */
  readonly braked: Set<string>;
  looks: number;
}

/** A watch over a calm world, but for what the test says. */
function watched(folder: TestFolder, options: Partial<VitalOptions> = {}): Watched {
  const ledgerFile = folder.file("desk.db");
  const given = options.freeBytes ?? (() => 1e9);
  let watch: { stop(): void } | null = null;
  const result: Watched = {
    ...{ seen: [], failures: [], braked: new Set<string>() },
    ...{ ledgerFile, looks: 0 },
    [Symbol.dispose]: () => watch?.stop(),
  };
  watch = watchVitals({
    ledgerFile,
    observe(vital) {
      result.seen.push(vital);
      const by = vital.type === "vital" ? vital.rule : "file";
      const isGood =
        vital.type === "vital" ? vital.isGood : vital.type === "emergencyFile" && !vital.isThere;
      if (isGood) result.braked.delete(by);
      else result.braked.add(by);
    },
    isBraked: (by) => result.braked.has(by),
    onFailure: (error) => result.failures.push(error),
    everyMs: 2,
    lagMs: Number.POSITIVE_INFINITY,
    patience: 2,
    lowDiskBytes: 1_000,
    ...options,
    freeBytes: () => {
      result.looks += 1;
      return given();
    },
  });
  return result;
}

const few = async (watch: Watched): Promise<void> => {
  const { looks } = watch;
  await until(() => watch.looks >= looks + 5);
};

describe("the emergency file", () => {
  test("is told when it comes and when it goes, once each", async () => {
    using folder = new TestFolder();
    using watch = watched(folder);
    const path = emergencyFile(watch.ledgerFile);
    expect(path).toBe(`${watch.ledgerFile}.halt`);
    writeFileSync(path, "");
    await until(() => watch.seen.length > 0);
    await few(watch);
    rmSync(path);
    await until(() => watch.seen.length > 1);
    await few(watch);
    const file = { type: "emergencyFile", path } as const;
    expect(watch.seen).toEqual([
      { ...file, isThere: true },
      { ...file, isThere: false },
    ]);
  });

  test("that was there before the start is told at once, before anything is awaited", () => {
    using folder = new TestFolder();
    writeFileSync(emergencyFile(folder.file("desk.db")), "");
    using watch = watched(folder);
    expect(watch.seen).toMatchObject([{ type: "emergencyFile", isThere: true }]);
  });

  test("that went while the desk was down is told to be gone", () => {
    using folder = new TestFolder();
    using watch = watched(folder, { isBraked: (by) => by === "file" });
    expect(watch.seen).toMatchObject([{ type: "emergencyFile", isThere: false }]);
  });

  test("stops a real desk, over a restart too, and lets it go", async () => {
    using folder = new TestFolder();
    const ledgerFile = folder.file("desk.db");
    const path = emergencyFile(ledgerFile);
    const calm = { everyMs: 2, lagMs: Number.POSITIVE_INFINITY, patience: 1, lowDiskBytes: 1 };
    const watch = (world: DeskWorld) =>
      watchVitals({
        ...{ ...calm, ledgerFile },
        observe: (vital) => world.desk.observe(vital),
        isBraked: (by) => world.desk.isBraked(vitalBrakeId(by)),
        onFailure: (error) => {
          throw error;
        },
      });
    {
      using world = await DeskWorld.started({ path: ledgerFile });
      const vitals = watch(world);
      writeFileSync(path, "");
      await until(() => world.brakes().includes("file/desk"));
      vitals.stop();
    }
    using world = await DeskWorld.started({ path: ledgerFile });
    expect(world.brakes()).toEqual(["file/desk"]);
    const vitals = watch(world);
    rmSync(path);
    await until(() => world.brakes().length === 0);
    vitals.stop();
    const told = world.journal().filter(({ kind }) => kind === "vital");
    expect(told.map(({ content }) => (content.input as { isThere: boolean }).isThere)).toEqual([
      true,
      false,
    ]);
  });
});

describe("free space", () => {
  test("below its limit is told with both numbers, and when there is enough again", async () => {
    using folder = new TestFolder();
    let free = 5e6;
    using watch = watched(folder, {
      freeBytes: () => free,
      lowDiskBytes: 2e6,
    });
    await few(watch);
    expect(watch.seen).toEqual([]);
    free = 1e6;
    await until(() => watch.seen.length === 1);
    await few(watch);
    free = 2e6;
    await until(() => watch.seen.length === 2);
    const low = { type: "vital", rule: "lowDisk" } as const;
    expect(watch.seen).toEqual([
      { ...low, isGood: false, text: "1 MB free, wanted 2 MB" },
      { ...low, isGood: true, text: "2 MB free, wanted 2 MB" },
    ]);
  });

  test("is the file system's own word unless something else is given", () => {
    using folder = new TestFolder();
    const seen: Vital[] = [];
    const watch = watchVitals({
      ledgerFile: folder.file("desk.db"),
      observe: (vital) => seen.push(vital),
      isBraked: () => false,
      onFailure: () => {},
      ...{ everyMs: 1_000, lagMs: Number.POSITIVE_INFINITY, patience: 1 },
      lowDiskBytes: Number.MAX_SAFE_INTEGER,
    });
    watch.stop();
    expect(seen).toMatchObject([{ type: "vital", rule: "lowDisk", isGood: false }]);
  });

  test("that is still low after its brake was released by hand is told again", async () => {
    using folder = new TestFolder();
    using watch = watched(folder, { freeBytes: () => 1 });
    await few(watch);
    expect(watch.seen).toHaveLength(1);
    watch.braked.delete("lowDisk");
    await until(() => watch.seen.length > 1);
    expect(watch.seen.at(-1)).toMatchObject({ rule: "lowDisk", isGood: false });
  });
});

describe("a loop that lags", () => {
  /** Keeps the process from its loop for so long. */
  function block(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end);
  }

  test("is told after as many looks in a row, and again when it is well", async () => {
    using folder = new TestFolder();
    using watch = watched(folder, { lagMs: 30, patience: 3 });
    while (watch.seen.length === 0) {
      block(60);
      await Bun.sleep(0);
    }
    expect(watch.seen[0]).toMatchObject({ type: "vital", rule: "eventLoopLag", isGood: false });
    const text = (watch.seen[0] as { text: string }).text;
    expect(text).toMatch(/^the process paused for \d+ ms, limit 30 ms$/);
    await until(() => watch.seen.length > 1);
    expect(watch.seen[1]).toMatchObject({ rule: "eventLoopLag", isGood: true });
  });

  test("for fewer looks than that is nobody's concern", async () => {
    using folder = new TestFolder();
    using watch = watched(folder, { lagMs: 30, patience: 1_000 });
    block(60);
    await few(watch);
    expect(watch.seen).toEqual([]);
  });
});

describe("a watch that fails", () => {
  test("says so once and looks no more", async () => {
    using folder = new TestFolder();
    const lost = new Error("disk gone");
    using watch = watched(folder, {
      freeBytes: () => {
        throw lost;
      },
    });
    expect(watch.failures).toEqual([lost]);
    const { looks } = watch;
    await Bun.sleep(20);
    expect([watch.failures.length, watch.looks]).toEqual([1, looks]);
  });

  test("that is stopped looks no more", async () => {
    using folder = new TestFolder();
    const watch = watched(folder);
    await few(watch);
    watch[Symbol.dispose]();
    const { looks } = watch;
    await Bun.sleep(20);
    expect(watch.looks).toBe(looks);
  });
});
