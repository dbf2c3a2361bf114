/**
 * What the panel costs the desk and how far its clients fall behind: twenty symbols at a hundred
 * times their speed, fifty open streams in a process of their own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Hono } from "hono";
import { compose } from "../../adapters/cli/compose.ts";
import { locksmith } from "../../adapters/cli/locksmith.ts";
import { runConfig } from "../../adapters/cli/run-config.ts";
import { openGenerator } from "../../adapters/cli/sources.ts";
import { pacedBy, readyFirst } from "../../adapters/clock/pace.ts";
import { SeenBooks } from "../../adapters/simulation/seen-books.ts";
import type { PanelStore } from "../../adapters/store/panel-store.ts";
import { decimal } from "../../machines/domain/decimal.ts";
import { testPanel } from "../../web/testing/panel.fixture.ts";
import { panelOver } from "../../web/testing/traded-desk.fixture.ts";
import type { ClientsAsked, ClientsTold } from "./panel-clients.ts";
import type { BenchRow } from "./row.ts";

const startAt = Date.UTC(2025, 0, 1);

export interface PanelBench {
  readonly symbols: number;
  readonly speed: number;
  readonly keys: number;
  readonly streamsOfKey: number;
  /** Of each part: without the clients, and with them. */
  readonly seconds: number;
  readonly requests: number;
}

/** A desk that trades at that speed, and how long each of its decisions takes. */
function tradingDesk({ symbols: count, speed }: PanelBench, folder: string) {
  const symbols = Array.from({ length: count }, (_, index) => ({
    symbol: `C${index + 1}/USD`,
    startPrice: decimal(10 + 37 * index),
    tick: decimal("0.001"),
  }));
  const { source } = openGenerator({ seed: 3, symbols, timeframeMs: 60_000, startAt });
  const ledgerFile = join(folder, "desk.db");
  const parts = compose({
    ...{ config: runConfig(source, 3, "none"), source, ledgerFile, until: null },
    pace: (desk) => readyFirst(() => desk.isWarm, pacedBy(speed)),
    ...{ reached: () => {}, onBar: () => {} },
  });
  const { desk } = parts;
  const took: number[] = [];
  const decide = desk.bar.bind(desk);
  desk.bar = (...each) => {
    const started = performance.now();
    const decisions = decide(...each);
    if (desk.isWarm) took.push(performance.now() - started);
    return decisions;
  };
  return { parts, took, ledgerFile };
}

export async function benchPanel(options: PanelBench): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "novactor-bench-panel-"));
  const { parts, took, ledgerFile } = tradingDesk(options, folder);
  const over = { parts, folder, ledgerFile, seenBooks: new SeenBooks() };
  const { panel: given, log } = panelOver(over);
  const traded = { ...over, panel: given, log, runOn: async () => {} };
  await parts.desk.start(() => parts.run.takeReports());
  const running = parts.run.run();
  try {
    await using panel = await testPanel(
      { ...traded, [Symbol.asyncDispose]: async () => {} },
      () => ({ now: () => Date.now() }),
    );
    using bare = Bun.serve({
      ...{ hostname: "127.0.0.1", port: 0 },
      fetch: new Hono().get("/", (context) => context.json({ ok: true })).fetch,
    });
    const made = [panel.keys.view.text];
    while (made.length < options.keys) made.push(await moreKeys(panel.store, made.length));
    while (!parts.desk.isWarm) await Bun.sleep(50);
    const alone = await measured(took, () => Bun.sleep(options.seconds * 1_000));
    const { streamsOfKey, seconds, requests } = options;
    const asked: ClientsAsked = {
      ...{ origin: panel.served.origin, bare: `http://127.0.0.1:${bare.port}/`, keys: made },
      ...{ streamsOfKey, seconds, requests },
    };
    const loaded = await measured(took, () => clients(asked));
    return rowsOf(options, alone, loaded);
  } finally {
    parts.run.stop();
    await running;
    parts.desk.stop();
    parts[Symbol.dispose]();
    given[Symbol.dispose]();
    log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One key may hold eight streams. */
async function moreKeys(store: PanelStore, number: number): Promise<string> {
  const { id, text, hash } = await locksmith.make();
  store.addKey({ id, name: `reader ${number}`, role: "view", hash, createdAt: Date.now() });
  return text;
}

interface Measured<T> {
  readonly told: T;
  /** Milliseconds of each decision, and of the loop's delay. */
  readonly took: readonly number[];
  readonly loopMs: number;
}

async function measured<T>(took: number[], work: () => Promise<T>): Promise<Measured<T>> {
  took.length = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const told = await work();
  delay.disable();
  return { told, took: [...took], loopMs: delay.percentile(99) / 1e6 };
}

async function clients(asked: ClientsAsked): Promise<ClientsTold> {
  const script = join(import.meta.dir, "panel-clients.ts");
  const child = Bun.spawn([process.execPath, script, JSON.stringify(asked)], {
    ...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  });
  const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code !== 0) throw new Error(`Cannot measure the panel: its clients ended with ${code}`);
  return JSON.parse(text) as ClientsTold;
}

function at(share: number, values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function rowsOf(
  { symbols, speed, keys, streamsOfKey, seconds }: PanelBench,
  alone: Measured<unknown>,
  { told, took, loopMs }: Measured<ClientsTold>,
): BenchRow[] {
  const streams = keys * streamsOfKey;
  const { lags, gaps, missing, records, panelMs, bareMs } = told;
  return [
    {
      name: `${streams} streams, ${symbols} symbols at ${speed}x, ${seconds} s`,
      value: records,
      unit: "records told",
    },
    { name: "  records behind, median", value: at(0.5, lags), unit: "records" },
    { name: "  records behind, most of any client", value: Math.max(...lags), unit: "records" },
    { name: "  gaps told", value: gaps, unit: "gaps" },
    { name: "  left out in silence", value: missing, unit: "records", most: 0 },
    { name: "  event loop delay, 99th percentile", value: loopMs, unit: "ms", most: 10 },
    { name: "    without clients", value: alone.loopMs, unit: "ms" },
    { name: "  authenticated GET, median", value: at(0.5, panelMs), unit: "ms" },
    { name: "    beside a bare Hono", value: at(0.5, panelMs) / at(0.5, bareMs), unit: "times" },
    { name: "  a decision under load, median", value: at(0.5, took), unit: "ms" },
    { name: "    beside one without", value: at(0.5, took) / at(0.5, alone.took), unit: "times" },
    {
      name: "    99th percentile beside one without",
      value: at(0.99, took) / at(0.99, alone.took),
      unit: "times",
    },
  ];
}
