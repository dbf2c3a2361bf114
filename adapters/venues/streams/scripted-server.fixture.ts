import type { Server, ServerWebSocket } from "bun";

export type Peer = ServerWebSocket<{ readonly number: number }>;

export interface Script {
  /** A socket opened; `number` counts from 1. */
  readonly opened?: (peer: Peer, number: number) => void;
  readonly received?: (peer: Peer, message: Record<string, unknown>, number: number) => void;
}

/** A WebSocket server on loopback that does what a test tells it. */
export class ScriptedServer {
  readonly messages: Record<string, unknown>[] = [];
  connections = 0;
  /** While it is, no new connection is taken. */
  deaf = false;
  /** The socket opened last. */
  peer: Peer | null = null;
  readonly #server: Server<{ readonly number: number }>;

  constructor(script: Script = {}) {
    const scripted = this;
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request, server) {
        if (scripted.deaf) return new Response("closed", { status: 503 });
        scripted.connections += 1;
        if (server.upgrade(request, { data: { number: scripted.connections } })) return;
        return new Response("wanted a WebSocket", { status: 400 });
      },
      websocket: {
        idleTimeout: 0,
        open(peer) {
          scripted.peer = peer;
          script.opened?.(peer, peer.data.number);
        },
        message(peer, text) {
          const message = JSON.parse(String(text)) as Record<string, unknown>;
          scripted.messages.push(message);
          script.received?.(peer, message, peer.data.number);
        },
      },
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.port}/v2`;
  }

  send(...messages: unknown[]): void {
    for (const message of messages) {
      this.peer?.send(typeof message === "string" ? message : JSON.stringify(message));
    }
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }
}

/** Waits for a condition; a test that waits in vain says for what. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain for: ${what}`);
    await Bun.sleep(2);
  }
}

/** Waits that are long enough for a loaded machine, and short enough for a test. */
export const quickLimits = {
  connectMs: 5_000,
  subscribeMs: 5_000,
  pingAfterMs: 5_000,
  staleAfterMs: 6_000,
  deadAfterMs: 7_000,
  backoffMinMs: 5,
  backoffMaxMs: 20,
};

export const halfDraw = (): number => 0.5;
