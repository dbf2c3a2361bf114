import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { constants } from "node:os";
import type { DiskFault } from "./disk-faults.fixture.ts";
import { TemporaryFolder } from "./samples.fixture.ts";

const source = new URL("../../test/fixtures/store/disk-faults.c", import.meta.url).pathname;
const program = new URL("disk-faults.fixture.ts", import.meta.url).pathname;

const folder = new TemporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const library = folder.file("disk-faults.so");

/** Empty if the failing disk can be had; otherwise why not. */
function whyNot(): string {
  if (process.platform !== "linux") return "needs Linux";
  if (Bun.which("cc") === null) return "needs a C compiler, cc";
  const args = ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"];
  const { exitCode, stderr } = Bun.spawnSync(["cc", ...args]);
  return exitCode === 0 ? "" : `cc cannot compile it: ${stderr.toString().slice(0, 200)}`;
}

const reason = whyNot();
const suffix = reason === "" ? "" : ` (skipped: ${reason})`;

async function sweep(times: number, error: number): Promise<DiskFault[]> {
  const place = folder.file(`${times}-${error}`);
  mkdirSync(place);
  const args = [library, place, String(times), String(error)];
  const child = Bun.spawn([process.execPath, program, ...args], {
    env: { ...process.env, LD_PRELOAD: library },
    stderr: "inherit",
  });
  const text = await child.stdout.text();
  expect(await child.exited).toBe(0);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DiskFault);
}

const { EIO, ENOSPC } = constants.errno;

describe.skipIf(reason !== "")(`Ledger on a disk that fails${suffix}`, () => {
  test.each([
    ["one operation fails", 1, EIO, /^SQLITE_IOERR/],
    ["every operation fails from then on", -1, EIO, /^SQLITE_IOERR/],
    ["the disk is full once", 1, ENOSPC, /^SQLITE_(FULL|IOERR)/],
    ["the disk stays full", -1, ENOSPC, /^SQLITE_(FULL|IOERR)/],
  ])("holds every acknowledged commit and stays sound: %s", async (_, times, error, code) => {
    const faults = await sweep(times, error);
    // Six commits write and sync at least twice each; the last of the sweep meets no fault.
    expect(faults.length).toBeGreaterThan(12);
    for (const fault of faults) {
      const { acknowledged, found, findings } = fault;
      expect({ fault, findings }).toEqual({ fault, findings: [] });
      // A commit that was refused may have reached the disk: that one, and whole.
      expect({ fault, isThere: [0, 3].includes(found - acknowledged) }).toEqual({
        fault,
        isThere: true,
      });
      if (fault.code !== null) expect(fault.code).toMatch(code);
    }
    // Every commit is synced, and a sync that fails is a commit that failed.
    if (error === EIO) {
      expect(faults.map((fault) => fault.code)).toContain("SQLITE_IOERR_FSYNC");
    }
    const refused = faults.filter((fault) => fault.code !== null && fault.acknowledged < 18);
    expect(refused.length).toBeGreaterThan(10);
    expect(faults.at(-1)).toMatchObject({ failed: 0, code: null, acknowledged: 18, found: 18 });
  });
});
