import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Strike } from "../faults/registry.ts";
import type { FaultScheduler } from "../faults/scheduler.ts";
import type { StreamSession, Wire, WireKind, WireReply, WireRequest } from "../wire.ts";
import { ServerSocket } from "./socket.ts";

/** Faults that the venue itself carries out, at a later time. */
const laterInside: ReadonlySet<string> = new Set(["acceptLate", "fillAfterCancel"]);
/** Faults that are an error in the venue's own words. */
const refusing: ReadonlySet<string> = new Set(["refuse", "invalidNonce", "maintenance"]);
const bodyMax = 1 << 20;
const requestsKept = 10_000;
/** How long an idle connection stays, as before a content network. */
const keepAliveMs = 600_000;

/** One request as the venue saw it. */
export interface ServedRequest {
  readonly number: number;
  /** Venue time of its arrival, Unix milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly scope: WireKind["scope"];
  readonly fault: Strike["name"] | null;
}

export interface VenueServerOptions {
  readonly wire: Wire;
  readonly faults: FaultScheduler;
  /** Real milliseconds from one second of the streams to the next: they beat by it. */
  readonly secondMs: number;
  readonly port: number;
  /** Lets venue time catch up; before anything is answered. */
  readonly catchUp: () => number;
  /** A bug in the venue itself: to be told, never swallowed. */
  readonly onProblem: (problem: unknown) => void;
}

interface OpenStream {
  readonly socket: ServerSocket;
  readonly session: StreamSession;
}

/**
 * The venue's socket: HTTP and WebSocket on one port of 127.0.0.1. It stands on `node:http`, whose
 * TCP sockets can truly be reset or left hanging at any byte.
 */
export class VenueServer {
  readonly #options: VenueServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<OpenStream>();
  readonly #sent = new Map<string, number>();
  #second: ReturnType<typeof setInterval> | null = null;
  #requests: ServedRequest[] = [];
  #count = 0;
  #isDown = false;

  constructor(options: VenueServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((problem) => {
        options.onProblem(problem);
        request.socket.destroy();
      });
    });
    // Five seconds, the usual, would end connections that clients still mean to use.
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.on("connection", (socket: Socket) => {
      if (this.#isDown) return void socket.resetAndDestroy();
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Socket) =>
      this.#upgrade(request, socket),
    );
  }

  /** The port it listens on. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port, "127.0.0.1", resolve);
    });
    this.#second = setInterval(() => {
      for (const { session } of this.#streams) session.onSecond();
    }, this.#options.secondMs);
    return (this.#server.address() as AddressInfo).port;
  }

  get requests(): readonly ServedRequest[] {
    return this.#requests;
  }

  /** Paths of the open WebSockets. */
  get streams(): readonly string[] {
    return Array.from(this.#streams, ({ socket }) => socket.path);
  }

  /** Messages sent so far to all that listen, or did, at each path. */
  get sent(): ReadonlyMap<string, number> {
    return this.#sent;
  }

  /** Ends or kills the WebSockets at a path, or all; how many. */
  closeStreams(how: "reset" | "close" | "silence", path: string | null): number {
    const chosen = [...this.#streams].filter(({ socket }) => path === null || socket.path === path);
    for (const { socket } of chosen) {
      if (how === "reset") socket.reset();
      else if (how === "close") socket.close(1001, "going away");
      else socket.isSilent = true;
    }
    return chosen.length;
  }

  /** Every socket is reset, and new ones are until it is up again. */
  down(): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  up(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    if (this.#second !== null) clearInterval(this.#second);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.down();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? "/", "http://venue");
    const wired: WireRequest = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    const at = this.#options.catchUp();
    const { wire, faults } = this.#options;
    const kind = wire.kindOf(wired);
    const strike = faults.next(kind.scope, kind.name);
    this.#note(at, wired, kind, strike);
    const reply = this.#act(wired, kind, strike);
    if (strike === null) answer(response, reply);
    else this.#answerStruck(request.socket, response, reply, strike);
  }

  /** Does what was asked, unless the fault keeps it from being done. */
  #act(request: WireRequest, kind: WireKind, strike: Strike | null): WireReply {
    const { wire } = this.#options;
    if (strike === null || strike.accepts || laterInside.has(strike.name)) {
      return wire.handle(request, strike);
    }
    if (refusing.has(strike.name)) return wire.refusal(strike, kind, request);
    return { status: 200, body: "" };
  }

  #answerStruck(socket: Socket, response: ServerResponse, reply: WireReply, strike: Strike): void {
    switch (strike.name) {
      case "dropBeforeAcceptance":
      case "acceptThenReset":
      case "acceptLate":
        socket.resetAndDestroy();
        return;
      case "hangInHeaders":
        return;
      case "hangInBody":
        startBody(response, reply.body);
        return;
      case "acceptThenCutBody":
        startBody(response, reply.body);
        // The start is on its way before the end is, so that the client sees both.
        setTimeout(() => socket.destroy(), 20);
        return;
      case "slow":
        setTimeout(() => answer(response, reply), strike.delayMs ?? 1_000);
        return;
      default:
        answer(response, this.#replyStruck(reply, strike));
    }
  }

  #replyStruck(reply: WireReply, strike: Strike): WireReply {
    const { name, status } = strike;
    if (status !== null) return { status, body: htmlOf(status) };
    if (name === "acceptThenBadGateway") return { status: 502, body: htmlOf(502) };
    if (name === "acceptThenEmpty") return { status: 200, body: "" };
    if (name === "emptyResult") return this.#options.wire.emptyReply;
    if (name === "acceptThenCutJson") {
      return { status: 200, body: reply.body.slice(0, Math.ceil(reply.body.length / 2)) };
    }
    return reply;
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    const { wire } = this.#options;
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (!wire.streamsAt(path)) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    ServerSocket.greet(request, socket);
    const guarded = (run: () => void) => {
      try {
        run();
      } catch (problem) {
        this.#options.onProblem(problem);
        socket.destroy();
      }
    };
    const served = new ServerSocket(request, socket, {
      onText: (text) => guarded(() => stream.session.onText(text)),
      onClose: () => {
        this.#streams.delete(stream);
        stream.session.onClose();
      },
    });
    const session = wire.open({
      path,
      send: (text) => {
        this.#sent.set(path, (this.#sent.get(path) ?? 0) + 1);
        served.send(text);
      },
      close: (code, reason) => {
        if (!served.isSilent) served.close(code, reason);
      },
      reset: () => served.reset(),
      silence: () => {
        served.isSilent = true;
      },
    });
    const stream: OpenStream = { socket: served, session };
    this.#streams.add(stream);
  }

  #note(at: number, request: WireRequest, kind: WireKind, strike: Strike | null): void {
    this.#count += 1;
    const { method, path } = request;
    const fault = strike?.name ?? null;
    this.#requests.push({ number: this.#count, at, method, path, ...kind, fault });
    if (this.#requests.length > 2 * requestsKept) {
      this.#requests = this.#requests.slice(-requestsKept);
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > bodyMax) throw new RangeError(`Cannot take a body beyond ${bodyMax} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}

function answer(response: ServerResponse, { status, body }: WireReply): void {
  const bytes = Buffer.from(body);
  const isHtml = body.startsWith("<");
  response.writeHead(status, {
    "content-type": isHtml ? "text/html" : "application/json; charset=utf-8",
    "content-length": bytes.length,
    ...(status === 429 || status === 418 ? { "retry-after": "5" } : {}),
  });
  response.end(bytes);
}

/** Promises the whole body and sends half of it. */
function startBody(response: ServerResponse, body: string): void {
  const bytes = Buffer.from(body.length > 1 ? body : '{"error":[],"result":{}}');
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": bytes.length,
  });
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
}

function htmlOf(status: number): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`;
}
