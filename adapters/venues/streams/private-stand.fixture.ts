import type { VenueReport } from "../../../machines/domain/fill.ts";
import { krakenPrivateStream } from "./kraken-private-stream.ts";
import { balances, confirm, executions } from "./kraken-wire.fixture.ts";
import type { PrivateStream, PrivateStreamEvent } from "./private-stream.ts";
import {
  halfDraw,
  quickLimits,
  type Script,
  ScriptedServer,
  until,
} from "./scripted-server.fixture.ts";

/** What Kraken tells of an account without orders. */
export const emptySnapshots = {
  executions: executions("snapshot", 1),
  balances: balances("snapshot", 1),
};

/** Kraken's private stream against a scripted server, and what it told. */
export interface PrivateStand {
  readonly server: ScriptedServer;
  readonly stream: PrivateStream;
  readonly events: PrivateStreamEvent[];
  readonly tokens: string[];
  /** Reports taken so far, this call's included. */
  readonly reports: () => VenueReport[];
}

export function privateStand(
  open: (() => void)[],
  script: Script = {},
  options: { readonly outboxMax?: number; readonly subscribeMs?: number } = {},
): PrivateStand {
  const server = new ScriptedServer({
    received: (peer, message) => confirm(peer, message, emptySnapshots),
    ...script,
  });
  const tokens: string[] = [];
  const { subscribeMs = quickLimits.subscribeMs, ...rest } = options;
  const stream = krakenPrivateStream({
    url: server.url,
    draw: halfDraw,
    limits: { ...quickLimits, subscribeMs },
    token: async () => {
      tokens.push(`token ${tokens.length + 1}`);
      return tokens.at(-1) ?? "";
    },
    ...rest,
  });
  const events: PrivateStreamEvent[] = [];
  stream.onEvent((event) => events.push(event));
  open.push(
    () => stream.close(),
    () => void server.stop(),
  );
  const taken: VenueReport[] = [];
  const reports = () => {
    for (let next = stream.takeReport(); next; next = stream.takeReport()) taken.push(next);
    return taken;
  };
  stream.start();
  return { server, stream, events, tokens, reports };
}

export async function livePrivate(stand: PrivateStand): Promise<PrivateStand> {
  await until("a live stream", () => stand.stream.status.state === "live");
  return stand;
}

export const kinds = (events: readonly PrivateStreamEvent[]) => events.map(({ type }) => type);
export const causes = (events: readonly PrivateStreamEvent[], type: "gap" | "down") =>
  events.flatMap((event) => (event.type === type ? [event.cause] : []));
