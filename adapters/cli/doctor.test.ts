import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { Ledger } from "../store/ledger.ts";
import { actor, batch, firstRecords, TemporaryFolder } from "../store/samples.fixture.ts";
import { type DoctorOptions, diagnose } from "./doctor.ts";
import { exitCode } from "./exit-codes.ts";

const bare = { json: false, full: false, set: [] };

/** A ledger of its own folder, with nothing amiss but what a disk in memory may be. */
function sound(folder: TemporaryFolder): string {
  const data = folder.file("data");
  mkdirSync(data, { mode: 0o700 });
  const path = `${data}/desk.db`;
  using ledger = new Ledger(path);
  const desk = { ...actor("desk", { context: { brakes: [] } }), kind: "desk", version: 1 };
  ledger.commit(batch({ records: firstRecords(5), actors: [desk] }));
  return path;
}

async function findingsOf(options: Partial<DoctorOptions> & { db: string }) {
  const { text, exitCode: code } = await diagnose({ ...bare, ...options, json: true }, false);
  return { code, said: JSON.parse(text) };
}

describe("novactor doctor", () => {
  test("--json is one object whose severity is that of the gravest finding", async () => {
    using folder = new TemporaryFolder();
    const path = sound(folder);
    const { code, said } = await findingsOf({ db: path });
    // The time is asked of nobody, and live trading is not there yet: notes at the least.
    const isFast = said.findings.some((each: { check: string; severity: string }) => {
      return each.check === "flush" && each.severity === "warning";
    });
    expect([said.severity, code, said.exitCode]).toEqual(
      isFast ? ["warning", 12, 12] : ["note", 0, 0],
    );
    expect(Object.keys(said)).toEqual(["version", "ledger", "severity", "exitCode", "findings"]);
    for (const finding of said.findings) {
      expect(Object.keys(finding)).toEqual(["check", "severity", "text", "cure"]);
    }
  });

  test("ends with 12 for a warning and 13 for what is critical", async () => {
    using folder = new TemporaryFolder();
    const path = sound(folder);
    chmodSync(folder.file("data"), 0o1777);
    chmodSync(path, 0o600);
    expect((await findingsOf({ db: path })).code).toBe(exitCode.doctorWarning);
    chmodSync(path, 0o666);
    expect((await findingsOf({ db: path })).code).toBe(exitCode.doctorCritical);
  });

  test("--full verifies the whole chain", async () => {
    using folder = new TemporaryFolder();
    const path = sound(folder);
    const chain = async (full: boolean) => {
      const { said } = await findingsOf({ db: path, full });
      return said.findings.find(({ check }: { check: string }) => check === "chain").text;
    };
    expect([await chain(false), await chain(true)]).toEqual([
      "End of the chain verified: 5 records",
      "Whole chain verified: 5 records",
    ]);
  });

  test("finds what is wrong with the configuration that it is told of", async () => {
    using folder = new TemporaryFolder();
    const config = folder.file("desk.yaml");
    writeFileSync(config, "risk:\n  positionCup: 2\n");
    const { code, said } = await findingsOf({ db: sound(folder), config });
    const about = said.findings.filter(({ check }: { check: string }) => check === "configuration");
    expect([code, about.length]).toEqual([exitCode.doctorCritical, 1]);
    expect(about[0].text).toContain("perhaps risk.positionCap was meant");
  });

  test("for people is a line for each finding and one for its cure, coloured on a terminal", async () => {
    using folder = new TemporaryFolder();
    const path = sound(folder);
    const { text } = await diagnose({ ...bare, db: path }, false);
    const coloured = await diagnose({ ...bare, db: path }, true);
    expect(text).toMatch(/^note {6}clock {10}The clock was not compared with another$/m);
    expect(text).toMatch(/^ +-> novactor doctor --time-source URL/m);
    expect(text).toMatch(/^ok {8}chain {10}End of the chain verified: 5 records$/m);
    expect(text).toMatch(/\n0 critical, [01] warnings, 2 notes$/);
    expect(text).not.toContain("\u001b");
    expect(coloured.text).toContain("\u001b[32mok      \u001b[0m  chain");
  });
});
