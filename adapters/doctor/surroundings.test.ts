/** What `doctor` finds around the ledger: clock, disk, rights, versions, configuration. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ConfigurationRequest } from "../config/resolve-configuration.ts";
import { TemporaryFolder } from "../store/samples.fixture.ts";
import { checkClock, checkClockHistory } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import { flushFinding, measureFlush, spaceFinding, spaceOf } from "./disk.ts";
import type { Finding } from "./finding.ts";
import { checkPermissions } from "./permissions.ts";
import { checkVersions } from "./versions.ts";

const uid = process.getuid?.() ?? -1;

/** A server that answers so, for as long as it takes to be asked. */
async function asked(answer: () => Response): Promise<Finding> {
  await using server = Object.assign(Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer }), {
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  });
  return await checkClock(`http://127.0.0.1:${server.port}/time`);
}

const dated = (offsetMs: number) => () =>
  new Response("", { headers: { Date: new Date(Date.now() + offsetMs).toUTCString() } });
const json = (offsetMs: number) => () =>
  Response.json({ unixtime: (Date.now() + offsetMs) / 1000 + 0.0001 });

describe("checkClock()", () => {
  test.each<[string, () => Response, Finding["severity"], RegExp]>([
    ["agrees with a Date header", dated(0), "ok", /^The clock is \d+ ms \(give or take 5\d\d ms\)/],
    ["warns of a clock that is behind", dated(3_000), "warning", /behind/],
    ["warns of a clock that is ahead", dated(-3_000), "warning", /ahead of/],
    ["finds seconds critical", dated(60_000), "critical", /behind/],
    ["agrees with a unixtime", json(0), "ok", /give or take \d{1,2} ms/],
    ["takes a unixtime at its word, to the millisecond", json(-1_000), "warning", /ahead of/],
    ["finds minutes of a unixtime critical", json(-120_000), "critical", /ahead of/],
    [
      "warns of an error",
      () => new Response("", { status: 503 }),
      "warning",
      /status 503 and no time/,
    ],
  ])("%s", async (_name, answer, severity, text) => {
    const finding = await asked(answer);
    expect([finding.check, finding.severity]).toEqual(["clock", severity]);
    expect(finding.text).toMatch(text);
    expect(finding.cure === null).toBe(severity === "ok");
  });

  test("warns of an answer without any time", async () => {
    // A server of Bun adds the header by itself.
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        },
      },
    });
    const finding = await checkClock(`http://127.0.0.1:${server.port}/`);
    expect([finding.severity, finding.text]).toEqual([
      "warning",
      `"http://127.0.0.1:${server.port}/" answered with status 200 and no time`,
    ]);
  });

  test("warns of a server that is not there, and shows no password", async () => {
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const { port } = server;
    await server.stop(true);
    const finding = await checkClock(`http://me:canary@127.0.0.1:${port}/`);
    expect(finding.severity).toBe("warning");
    expect(finding.text).toStartWith(
      `Cannot ask "http://[redacted]@127.0.0.1:${port}/" for the time`,
    );
    expect(JSON.stringify(finding)).not.toContain("canary");
  });

  test("notes that it was not asked to", async () => {
    expect(await checkClock(null)).toMatchObject({ check: "clock", severity: "note" });
  });
});

describe("checkClockHistory()", () => {
  const now = 1_700_000_000_000;
  const written = (at: number) => [
    { what: "an early write", at: now - 1e9 },
    { what: "the last write", at },
  ];
  test.each<[string, Parameters<typeof checkClockHistory>[0], Finding["severity"]]>([
    ["nothing written", [], "ok"],
    ["a clock that went on", written(now - 1), "ok"],
    ["a write within the file system's rounding", written(now + 2_000), "ok"],
    ["a clock that went back a little", written(now + 2_001), "warning"],
    ["a clock that went back by more", written(now + 300_001), "critical"],
  ])("of %s", (_name, times, severity) => {
    expect(checkClockHistory(times, now)).toMatchObject({ check: "clockHistory", severity });
  });

  test("names what is later than now", () => {
    expect(checkClockHistory(written(now + 60_000), now).text).toBe(
      "The clock went back: the last write is of 2023-11-14T22:14:20.000Z, 60 s after now, " +
        "2023-11-14T22:13:20.000Z",
    );
  });
});

describe("the disk", () => {
  test.each<[number, number, Finding["severity"]]>([
    [199_999_999, 1e12, "critical"],
    [200_000_000, 1e9, "warning"],
    [1_999_999_999, 2e9, "warning"],
    [4e9, 1e11, "warning"],
    [2e10, 1e11, "ok"],
    [0, 0, "critical"],
  ])("with %d of %d bytes free is %s", (freeBytes, totalBytes, severity) => {
    expect(spaceFinding({ freeBytes, totalBytes })).toMatchObject({ check: "disk", severity });
  });

  test("is measured as the system says it is", () => {
    using folder = new TemporaryFolder();
    const { freeBytes, totalBytes } = spaceOf(dirname(folder.file("x")));
    expect([freeBytes > 0, totalBytes >= freeBytes]).toEqual([true, true]);
  });

  test.each<[string, number[], Finding["severity"]]>([
    ["one that writes at the speed of memory", Array(200).fill(0.01), "warning"],
    ["one that sometimes takes long", [...Array(190).fill(1), ...Array(10).fill(80)], "warning"],
    ["one that took long once of 200 times", [...Array(199).fill(1), 80], "ok"],
    ["a good one", [...Array(100).fill(0.1), ...Array(100).fill(8)], "ok"],
  ])("flushed as %s", (_name, times, severity) => {
    expect(flushFinding(times)).toMatchObject({ check: "flush", severity });
  });

  test("is flushed for as many rounds as asked, and left as it was", () => {
    using folder = new TemporaryFolder();
    const path = dirname(folder.file("x"));
    const times = measureFlush(path, 20);
    expect([times.length, times.every((time) => time > 0), readdirSync(path)]).toEqual([
      20,
      true,
      [],
    ]);
  });

  test("in memory is found out", () => {
    if (!existsSync("/dev/shm")) {
      console.log("skipped: this system has no file system in memory at /dev/shm");
      return;
    }
    expect(flushFinding(measureFlush("/dev/shm", 200))).toMatchObject({ severity: "warning" });
  });
});

describe("checkPermissions()", () => {
  function examined(change: (path: string, folder: string) => void, options = {}): string[] {
    using temporary = new TemporaryFolder();
    const folder = temporary.file("data");
    const path = `${folder}/desk.db`;
    mkdirSync(folder);
    for (const each of [path, `${path}-wal`, `${path}.v1.bak`, `${path}.sock`]) {
      writeFileSync(each, "");
      chmodSync(each, 0o600);
    }
    chmodSync(folder, 0o755);
    change(path, folder);
    const socketPath = `${path}.sock`;
    return checkPermissions({ ledgerFile: path, socketPath, uid, ...options }).map(
      ({ severity, text }) => `${severity}: ${text.replaceAll(folder, "F")}`,
    );
  }
  const seen = 'note: Folder "F" has mode 755: others can see what is there';

  test.each<[string, (path: string, folder: string) => void, string[]]>([
    ["closed files in a folder that can be read", () => {}, [seen]],
    [
      "a closed folder",
      (_, folder) => chmodSync(folder, 0o700),
      ["ok: Nobody else can read or write the ledger"],
    ],
    [
      "a file that can be read, in a closed folder",
      (path, folder) => {
        chmodSync(path, 0o644);
        chmodSync(folder, 0o700);
      },
      ["ok: Nobody else can read or write the ledger"],
    ],
    [
      "a ledger that others can read",
      (path) => chmodSync(path, 0o644),
      [seen, 'warning: "F/desk.db" has mode 644: others can read it'],
    ],
    [
      "a ledger that the group can write",
      (path) => chmodSync(path, 0o660),
      [seen, 'critical: "F/desk.db" has mode 660: others can write it'],
    ],
    [
      "a log that others can read",
      (path) => chmodSync(`${path}-wal`, 0o604),
      [seen, 'warning: "F/desk.db-wal" has mode 604: others can read it'],
    ],
    [
      "a copy that others can read",
      (path) => chmodSync(`${path}.v1.bak`, 0o640),
      [seen, 'warning: "F/desk.db.v1.bak" has mode 640: others can read it'],
    ],
    [
      "a socket that others can open",
      (path) => chmodSync(`${path}.sock`, 0o666),
      [seen, 'critical: Socket "F/desk.db.sock" has mode 666: others can command the desk'],
    ],
    [
      "a folder that others can write",
      (_, folder) => chmodSync(folder, 0o777),
      ['critical: Folder "F" has mode 777: others can write there'],
    ],
    [
      "a folder like /tmp",
      (_, folder) => chmodSync(folder, 0o1777),
      ['warning: Folder "F" has mode 1777: others can write there'],
    ],
  ])("of %s", (_name, change, wanted) => {
    expect(examined(change)).toEqual(wanted);
  });

  test("of files that belong to someone else", () => {
    const texts = examined((_, folder) => chmodSync(folder, 0o700), { uid: uid + 1 });
    expect(texts).toContain(`warning: "F/desk.db" belongs to user ${uid}, not to user ${uid + 1}`);
  });

  test("of a ledger that this user cannot write", () => {
    using temporary = new TemporaryFolder();
    const path = temporary.file("desk.db");
    writeFileSync(path, "");
    chmodSync(path, uid === 0 ? 0o600 : 0o400);
    chmodSync(dirname(path), 0o755);
    const code =
      `import { checkPermissions } from ${JSON.stringify(`${import.meta.dir}/permissions.ts`)};` +
      `console.log(JSON.stringify(checkPermissions({ ledgerFile: ${JSON.stringify(path)},` +
      ' socketPath: "", uid: process.getuid() })))';
    // The superuser may write everything, so someone else looks in its place.
    const nobody = 65_534;
    const as = uid === 0 ? { uid: nobody, gid: nobody, cwd: "/", env: { HOME: "/" } } : {};
    const { stdout, status } = spawnSync(process.execPath, ["-e", code], as);
    if (uid === 0 && status !== 0) {
      console.log("skipped: no other user can run Bun on these sources here");
      return;
    }
    const findings = JSON.parse(String(stdout)) as Finding[];
    const critical = findings.filter(({ severity }) => severity === "critical");
    expect(critical.map(({ text }) => text)).toContain(
      `User ${uid === 0 ? nobody : uid} cannot read and write "${path}" (EACCES)`,
    );
  });
});

describe("checkVersions()", () => {
  const good = {
    bun: { is: "1.4.5", wanted: ">=1.4.5" },
    xstate: { is: "5.33.3", wanted: "5.33.3" },
    sqlite: "3.51.0",
  };
  test.each<[string, Parameters<typeof checkVersions>[0], string[]]>([
    ["what is wanted", good, ["ok: Bun 1.4.5, XState 5.33.3, SQLite 3.51.0"]],
    [
      "an older Bun",
      { ...good, bun: { is: "1.3.9", wanted: ">=1.4.5" } },
      ["critical: Bun is version 1.3.9, wanted >=1.4.5"],
    ],
    [
      "another XState",
      { ...good, xstate: { is: "5.20.0", wanted: "5.33.3" } },
      ["critical: XState is version 5.20.0, wanted 5.33.3"],
    ],
    [
      "an old SQLite",
      { ...good, sqlite: "3.36.0" },
      ["critical: SQLite is version 3.36.0, wanted >=3.37.0"],
    ],
  ])("of %s", (_name, versions, wanted) => {
    expect(checkVersions(versions).map(({ severity, text }) => `${severity}: ${text}`)).toEqual(
      wanted,
    );
  });
});

describe("checkConfiguration()", () => {
  const bare: ConfigurationRequest = { file: null, preset: null, env: {}, flags: [] };
  const told = (request: ConfigurationRequest) =>
    checkConfiguration(request, uid).map(({ severity, text }) => `${severity}: ${text}`);

  test("says where valid values come from", () => {
    using folder = new TemporaryFolder();
    const file = folder.file("desk.yaml");
    writeFileSync(file, "risk:\n  positionCap: 2\n");
    const env = { NOVACTOR_SEED: "5", NOVACTOR_SECRET_KRAKEN_KEY: "canary-0815" };
    const [text, ...others] = told({ ...bare, file, env });
    expect(text).toMatch(/^ok: It is valid: /);
    expect(text).toContain(`1 from "${file}"`);
    expect(text).toContain("1 from the environment");
    expect(text).toEndWith("; 1 secret");
    expect(others).toEqual([]);
  });

  test("finds each problem critical, and counts those past the fifth", () => {
    using folder = new TemporaryFolder();
    const file = folder.file("desk.yaml");
    writeFileSync(file, Array.from({ length: 7 }, (_, index) => `odd${index}: 1\n`).join(""));
    const texts = told({ ...bare, file });
    expect([texts.length, texts[0], texts[5]]).toEqual([
      6,
      expect.stringMatching(/^critical: odd0 is not a key/),
      "critical: And 2 more problems",
    ]);
  });

  test("finds a file of secrets critical that others can read", () => {
    using folder = new TemporaryFolder();
    const [file, secrets] = [folder.file("desk.yaml"), folder.file("secrets")];
    writeFileSync(file, "secretsFile: secrets\n");
    writeFileSync(secrets, "NOVACTOR_SECRET_KRAKEN_KEY=canary-0815\n");
    chmodSync(secrets, 0o644);
    const [text, ...others] = told({ ...bare, file });
    expect(text).toMatch(/^critical: secretsFile has mode 644, wanted 600/);
    expect(JSON.stringify([text, others])).not.toContain("canary");
  });
});
