/** A venue's REST side for tests: scripted raw replies over a real socket, every request recorded. */
import { createServer, type Server, type Socket } from "node:net";

export interface Recorded {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Which connection it came on, from 0. */
  readonly connection: number;
}

export type Answer =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }
  /** Text as it is, with pauses until the promises between are kept. */
  | { readonly parts: readonly (string | Promise<unknown>)[] }
  | { readonly fault: "reset" | "hangHeaders" | "hangBody" | "cutBody" | "cutJson" }
  | { readonly after: Promise<unknown>; readonly answer: Answer };

export type Script = Answer | ((request: Recorded) => Answer);

/** Says what is wrong with a request's signature, or null. */
export type Verifier = (request: Recorded) => string | null;

/**
 * Answers by path: first what was queued for it with `next`, then its standing script. A path
 * without either answers 404, and a bad signature fails the test through `problems`.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: Recorded[] = [];
  readonly problems: string[] = [];
  /** Requests being answered now, and the most there ever were. */
  inFlight = 0;
  mostInFlight = 0;
  readonly #standing = new Map<string, Script>();
  readonly #queued = new Map<string, Script[]>();
  readonly #sockets = new Set<Socket>();
  readonly #verify: Verifier;
  readonly #server: Server;
  #connections = 0;

  private constructor(verify: Verifier) {
    this.#verify = verify;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(verify: Verifier = () => null): Promise<ScriptedServer> {
    const server = new ScriptedServer(verify);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("Cannot tell address");
    return `http://127.0.0.1:${address.port}`;
  }

  on(path: string, script: Script): this {
    this.#standing.set(path, script);
    return this;
  }

  standing(path: string): Script | undefined {
    return this.#standing.get(path);
  }

  next(path: string, ...scripts: readonly Script[]): this {
    this.#queued.set(path, [...(this.#queued.get(path) ?? []), ...scripts]);
    return this;
  }

  to(path: string): readonly Recorded[] {
    return this.requests.filter((request) => request.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    const connection = this.#connections;
    this.#connections += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A client that gives up resets its side: that is what some tests are about.
    socket.on("error", () => socket.destroy());
    let pending = "";
    socket.on("data", (chunk) => {
      pending += chunk.toString("utf8");
      for (;;) {
        const end = pending.indexOf("\r\n\r\n");
        if (end < 0) return;
        const request = readHead(pending.slice(0, end), connection);
        const length = Number(request.headers["content-length"] ?? 0);
        if (pending.length < end + 4 + length) return;
        const body = pending.slice(end + 4, end + 4 + length);
        pending = pending.slice(end + 4 + length);
        void this.#answer(socket, { ...request, body });
      }
    });
  }

  async #answer(socket: Socket, request: Recorded): Promise<void> {
    this.requests.push(request);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    const problem = this.#verify(request);
    if (problem !== null) this.problems.push(`${request.method} ${request.path}: ${problem}`);
    const script = this.#queued.get(request.path)?.shift() ?? this.#standing.get(request.path);
    let answer: Answer =
      typeof script === "function" ? script(request) : (script ?? { status: 404, body: "" });
    while ("after" in answer) {
      await answer.after;
      answer = answer.answer;
    }
    this.inFlight -= 1;
    await send(socket, answer);
  }
}

function readHead(head: string, connection: number): Recorded {
  const [line = "", ...rest] = head.split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query = ""] = target.split("?", 2);
  const headers = Object.fromEntries(
    rest.map((each) => {
      const colon = each.indexOf(":");
      return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()];
    }),
  );
  return { method, path, query: new URLSearchParams(query), headers, body: "", connection };
}

async function send(socket: Socket, answer: Exclude<Answer, { after: unknown }>): Promise<void> {
  if (socket.destroyed) return;
  if ("fault" in answer) {
    fail(socket, answer.fault);
    return;
  }
  if ("parts" in answer) {
    for (const part of answer.parts) {
      if (typeof part === "string") socket.write(part);
      else await part;
    }
    return;
  }
  const { status = 200, body, headers = {} } = answer;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `HTTP/1.1 ${status} Scripted\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n${extra.join("")}\r\n${text}`,
  );
}

function fail(socket: Socket, fault: "reset" | "hangHeaders" | "hangBody" | "cutBody" | "cutJson") {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  switch (fault) {
    case "reset":
      socket.resetAndDestroy();
      return;
    case "hangHeaders":
      return;
    case "hangBody":
      socket.write(`${head}content-length: 100\r\n\r\n{"error":[],`);
      return;
    case "cutBody":
      socket.write(`${head}content-length: 100\r\n\r\n{"error":[],`, () => socket.destroy());
      return;
    case "cutJson":
      socket.write(`${head}content-length: 12\r\n\r\n{"error":[],`);
      return;
  }
}
