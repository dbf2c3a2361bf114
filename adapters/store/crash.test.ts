import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { verifyChain } from "../../actors/runtime/verify.ts";
import { Ledger } from "./ledger.ts";
import { ledgerHead } from "./ledger-head.ts";
import { LedgerReader } from "./reader.ts";
import { actor, batch, everything, recordsFrom, TemporaryFolder } from "./samples.fixture.ts";

/**
 * Commits one batch, then stops for ever inside the transaction of a second one that is large
 * enough to have been spilled to the log, and says so.
 */
function program(path: string): string {
  const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).pathname);
  return `
    import { Ledger } from ${here("ledger.ts")};
    import { actor, batch, everything, recordsFrom } from ${here("samples.fixture.ts")};
    let commits = 0;
    const reached = () => {
      commits += 1;
      if (commits < 2) return;
      process.stdout.write("inside\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const ledger = new Ledger(${JSON.stringify(path)}, { reached });
    ledger.commit(everything);
    ledger.commit(batch({
      records: recordsFrom(ledger.load().head, 20_000),
      actors: [actor("order:lost", { aShape: { thatIsLost: 1 } })],
      state: [{ space: "source", key: "position", value: { another: 1 } }],
    }));
  `;
}

async function killInside(path: string): Promise<void> {
  const child = Bun.spawn([process.execPath, "-e", program(path)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const said = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(said.value)).toBe("inside\n");
  child.kill("SIGKILL");
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
}

describe("Ledger after SIGKILL inside a transaction", () => {
  test("holds the commit before it, from the log that was left, and nothing of it", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await killInside(path);
    // Larger than the whole of the first batch: the second one was on its way to the disk.
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(1_000_000);

    using whole = new Ledger(":memory:");
    whole.commit(everything);
    using ledger = new Ledger(path);
    expect(ledger.load()).toEqual(whole.load());
    expect(ledger.stateOf("source")).toEqual(whole.stateOf("source"));
    using reader = ledger.reader();
    const options = { storedHead: reader.head(), segments: reader.journal.segments() };
    expect(verifyChain(reader.journal.range(), options)).toMatchObject({
      records: 12,
      findings: [],
    });
    expect(ledgerHead(reader)).toBe(ledgerHead(whole.reader()));

    const added = actor("order:lost", { aShape: { thatIsLost: 2 } });
    const records = recordsFrom(reader.head(), 1);
    ledger.commit(batch({ records, actors: [added] }));
    expect(reader.actors().at(-1)).toEqual(added);
  });

  test("can be read before any writer opens it again", async () => {
    using folder = new TemporaryFolder();
    const path = folder.file("desk.db");
    await killInside(path);
    using reader = new LedgerReader(path);
    expect([reader.head().seq, reader.counts().fills]).toEqual([12, 1]);
  });
});
