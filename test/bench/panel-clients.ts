/** Fifty readers of the panel's stream in a process of their own, for the panel's benchmark. */
import { openStream, type StreamClient } from "../../web/testing/stream.fixture.ts";

/** What the clients are told, as JSON on their command line. */
export interface ClientsAsked {
  readonly origin: string;
  /** A server that does nothing but answer, to compare with. */
  readonly bare: string;
  readonly keys: readonly string[];
  readonly streamsOfKey: number;
  readonly seconds: number;
  /** Answers of each server that are timed, taking turns. */
  readonly requests: number;
}

/** What they measured, as JSON on their standard output. */
export interface ClientsTold {
  /** Records behind what is committed, each stream at each look. */
  readonly lags: readonly number[];
  readonly gaps: number;
  /** Records that were neither told nor said to be left out. */
  readonly missing: number;
  readonly records: number;
  /** Milliseconds of each answer. */
  readonly panelMs: readonly number[];
  readonly bareMs: readonly number[];
}

async function main(): Promise<void> {
  const asked = JSON.parse(process.argv[2] ?? "{}") as ClientsAsked;
  const { origin, bare, keys, streamsOfKey, seconds, requests } = asked;
  const authorized = (key: string) => ({ Authorization: `Bearer ${key}` });
  const clients: StreamClient[] = [];
  for (const key of keys) {
    for (let index = 0; index < streamsOfKey; index += 1) {
      clients.push(await openStream(`${origin}/api/v1/stream`, authorized(key)));
    }
  }
  const [key = ""] = keys;
  const headSeq = async () => {
    const reply = await fetch(`${origin}/api/v1/strip`, { headers: authorized(key) });
    return ((await reply.json()) as { readonly journalSeq: number }).journalSeq;
  };
  const lags: number[] = [];
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    await Bun.sleep(500);
    const seen = clients.map((client) => Number(client.lastId() ?? 0));
    const head = await headSeq();
    for (const seq of seen) lags.push(Math.max(0, head - seq));
  }
  const [panelMs, bareMs]: [number[], number[]] = [[], []];
  for (let index = 0; index < requests; index += 1) {
    // One key may ask a hundred times a second, and more is refused.
    await Bun.sleep(12);
    panelMs.push(await timed(`${origin}/api/v1/session`, authorized(key)));
    bareMs.push(await timed(bare, {}));
  }
  const told: ClientsTold = {
    ...{ lags, panelMs, bareMs },
    gaps: clients.flatMap(({ heard }) => heard.filter(({ event }) => event === "gap")).length,
    missing: clients.reduce((total, client) => total + holesIn(client), 0),
    records: clients.reduce((total, client) => total + client.seqs().length, 0),
  };
  for (const client of clients) await client.end();
  console.log(JSON.stringify(told));
}

/** Records between the first and the last that a client was told that nobody spoke of. */
function holesIn(client: StreamClient): number {
  const seqs = client.seqs();
  const gaps = client.heard.filter(({ event }) => event === "gap").map(({ data }) => data as Gap);
  const first = Math.min(
    seqs[0] ?? Number.POSITIVE_INFINITY,
    gaps[0]?.from ?? Number.POSITIVE_INFINITY,
  );
  const last = Math.max(seqs.at(-1) ?? 0, gaps.at(-1)?.to ?? 0);
  const left = gaps.reduce((total, { from, to }) => total + to - from + 1, 0);
  return Math.max(0, last - first + 1) - new Set(seqs).size - left;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

async function timed(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const started = performance.now();
  const reply = await fetch(url, { headers });
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`Cannot time ${url}: it answers ${reply.status}`);
  return performance.now() - started;
}

await main();
