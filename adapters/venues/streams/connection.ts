import type { StreamTimers } from "./timers.ts";

/**
 * - `connecting`: a socket is being opened, or its subscriptions wait for their answer.
 * - `live`: subscriptions stand and messages come.
 * - `stale`: the socket is open, but nothing was heard for too long.
 * - `down`: there is no socket; unless it was closed by the desk, another one is tried soon.
 */
export type ConnectionState = "connecting" | "live" | "stale" | "down";

/** What happened since the start; none of them is ever set back. */
export interface ConnectionCounters {
  messages: number;
  /** Sockets opened after the first one. */
  reconnects: number;
  /** Messages and reports that were thrown away: too large, repeated, or the outbox was full. */
  dropped: number;
  /** Messages, or parts of them, that could not be read. */
  malformed: number;
  /** Holes in what the venue numbers, wrong checksums included. */
  gaps: number;
}

export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Unix milliseconds. */
  readonly since: number;
  /** Why it is not live, or why it last was not; null before anything went wrong. */
  readonly cause: string | null;
  readonly counters: Readonly<ConnectionCounters>;
}

export interface ConnectionLimits {
  /** From the first byte sent until the socket is open. */
  readonly connectMs: number;
  /** From the open socket until every subscription was answered. */
  readonly subscribeMs: number;
  /** After so much silence the venue is asked for a sign of life. */
  readonly pingAfterMs: number;
  readonly staleAfterMs: number;
  /** After so much silence the socket counts as half-open and is dropped. */
  readonly deadAfterMs: number;
  /** The first wait before another try; it doubles with each, up to the longest. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A connection that lived so long was sound: the next wait is the shortest again. */
  readonly settledAfterMs: number;
  /** Longest message taken, UTF-16 units. */
  readonly messageLengthMax: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  connectMs: 10_000,
  subscribeMs: 10_000,
  pingAfterMs: 5_000,
  staleAfterMs: 10_000,
  deadAfterMs: 20_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  settledAfterMs: 30_000,
  messageLengthMax: 32_000_000,
};

/** One socket, as a protocol sees it. Once another has taken its place it does nothing any more. */
export interface Link {
  readonly isCurrent: boolean;
  send(text: string): void;
  /** Every subscription was answered: the connection is live. */
  ready(): void;
  /** Drops the socket; another one is tried after the backoff. */
  fail(cause: string): void;
}

/** What a venue's protocol does with a connection. All of it is called synchronously. */
export interface ConnectionHandler {
  /** The socket is open: time to subscribe. */
  opened(link: Link): void;
  /** One whole text message. What it throws drops the socket, with the error as the cause. */
  received(text: string, link: Link): void;
  changed(status: ConnectionStatus): void;
  /** What to send to get a sign of life; null where the venue beats by itself. */
  readonly ping: (() => string) | null;
}

export interface ConnectionOptions {
  /** `wss://…`; plain `ws://` for a stand-in. */
  readonly url: string;
  readonly timers: StreamTimers;
  /** A number in [0, 1) for the jitter of the backoff. */
  readonly draw: () => number;
  readonly limits?: Partial<ConnectionLimits>;
}

const closedByDesk = "closed by the desk";

/**
 * One WebSocket that is kept open: deadlines on connecting and on subscribing, silence noticed and
 * tried by a ping, half-open sockets dropped, reconnects with exponential backoff and jitter.
 *
 * It is the platform's own socket and not a venue library's: such libraries hand messages to
 * promises, so that a consumer that is busy misses some; here each message is handled before the
 * next one is looked at, and there is no queue that could overflow. It is also some three times as
 * fast (VENUES.md, part 2, "Costs on Bun"), and still twice with every number's digits kept.
 */
export class Connection {
  readonly counters: ConnectionCounters = {
    messages: 0,
    reconnects: 0,
    dropped: 0,
    malformed: 0,
    gaps: 0,
  };
  readonly #url: string;
  readonly #timers: StreamTimers;
  readonly #draw: () => number;
  readonly #limits: ConnectionLimits;
  readonly #handler: ConnectionHandler;
  #state: ConnectionState = "down";
  #since: number;
  #cause: string | null = "not started";
  #socket: WebSocket | null = null;
  #isRunning = false;
  #tries = 0;
  #failures = 0;
  #liveFrom: number | null = null;
  #heardAt = 0;
  #isPinged = false;
  #cancelTimer: () => void = () => {};

  constructor(options: ConnectionOptions, handler: ConnectionHandler) {
    this.#url = options.url;
    this.#timers = options.timers;
    this.#draw = options.draw;
    this.#limits = { ...defaultConnectionLimits, ...options.limits };
    this.#handler = handler;
    this.#since = options.timers.now();
  }

  get status(): ConnectionStatus {
    return {
      state: this.#state,
      since: this.#since,
      cause: this.#cause,
      counters: { ...this.counters },
    };
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#connect();
  }

  /** Ends for good: no timer and no socket is left, so that the process can exit. */
  close(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#release();
    this.#become("down", closedByDesk);
  }

  /** Drops the socket, if there is one, and tries another. */
  restart(cause: string): void {
    if (this.#socket !== null) this.#drop(this.#socket, cause);
  }

  #connect(): void {
    if (this.#tries > 0) this.counters.reconnects += 1;
    this.#tries += 1;
    this.#become("connecting", this.#tries === 1 ? null : this.#cause);
    // Whoever heard of it may have closed it.
    if (!this.#isRunning) return;
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.#url);
    } catch (error) {
      this.#retry(`Cannot open "${this.#url}": ${messageOf(error)}`);
      return;
    }
    this.#socket = socket;
    const link = this.#linkOf(socket);
    const { connectMs, subscribeMs } = this.#limits;
    this.#setTimer(connectMs, () => this.#drop(socket, `no connection within ${connectMs} ms`));
    socket.onopen = () => {
      this.#setTimer(subscribeMs, () =>
        this.#drop(socket, `no answer to the subscriptions within ${subscribeMs} ms`),
      );
      this.#guard(socket, "subscribe", () => this.#handler.opened(link));
    };
    socket.onmessage = ({ data }) => this.#receive(socket, link, data);
    socket.onclose = ({ code, reason }) => {
      this.#drop(socket, `closed with code ${code}${reason ? ` "${reason.slice(0, 200)}"` : ""}`);
    };
  }

  #linkOf(socket: WebSocket): Link {
    const isCurrent = () => this.#socket === socket;
    return {
      get isCurrent() {
        return isCurrent();
      },
      send(text) {
        if (isCurrent() && socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      ready: () => {
        if (isCurrent() && this.#state === "connecting") this.#live();
      },
      fail: (cause) => this.#drop(socket, cause),
    };
  }

  #live(): void {
    this.#heardAt = this.#timers.elapsed();
    this.#liveFrom = this.#heardAt;
    this.#become("live", this.#cause);
    this.#watch();
  }

  #receive(socket: WebSocket, link: Link, data: unknown): void {
    if (this.#socket !== socket) return;
    this.counters.messages += 1;
    if (typeof data !== "string") {
      this.counters.malformed += 1;
      this.#drop(socket, "received a binary message, wanted text");
      return;
    }
    const { messageLengthMax } = this.#limits;
    if (data.length > messageLengthMax) {
      this.counters.dropped += 1;
      const limit = `wanted at most ${messageLengthMax}`;
      this.#drop(socket, `received a message of ${data.length} characters, ${limit}`);
      return;
    }
    this.#heardAt = this.#timers.elapsed();
    this.#isPinged = false;
    if (this.#state === "stale") this.#become("live", this.#cause);
    this.#guard(socket, "handle message", () => this.#handler.received(data, link));
  }

  /** What is half-handled is not to be trusted: the socket goes, and the error is its cause. */
  #guard(socket: WebSocket, action: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#drop(socket, `Cannot ${action}: ${messageOf(error)}`);
    }
  }

  /** Looks at the silence, and again when it could have become too long: no timer per message. */
  #watch(): void {
    const { pingAfterMs, staleAfterMs, deadAfterMs } = this.#limits;
    const silence = this.#timers.elapsed() - this.#heardAt;
    const socket = this.#socket;
    if (socket === null) return;
    if (silence >= deadAfterMs) {
      this.#drop(socket, `silent for ${deadAfterMs} ms`);
      return;
    }
    const { ping } = this.#handler;
    if (silence >= pingAfterMs && !this.#isPinged && ping !== null) {
      this.#isPinged = true;
      if (socket.readyState === WebSocket.OPEN) socket.send(ping());
    }
    if (silence >= staleAfterMs && this.#state === "live") {
      this.#become("stale", `silent for ${staleAfterMs} ms`);
    }
    const next = [pingAfterMs, staleAfterMs, deadAfterMs].find((limit) => limit > silence);
    // Never later than a ping after an answer would be due: the silence may begin anew meanwhile.
    const delay = Math.min((next ?? deadAfterMs) - silence, pingAfterMs);
    this.#setTimer(delay, () => this.#watch());
  }

  #drop(socket: WebSocket, cause: string): void {
    if (this.#socket !== socket) return;
    this.#release();
    this.#retry(cause);
  }

  /** Lets the socket and the timer go. Terminated, for a half-open socket never answers a close. */
  #release(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    if (socket.readyState !== WebSocket.CLOSED) socket.terminate();
  }

  #retry(cause: string): void {
    const { backoffMinMs, backoffMaxMs, settledAfterMs } = this.#limits;
    const lived = this.#liveFrom === null ? 0 : this.#timers.elapsed() - this.#liveFrom;
    this.#liveFrom = null;
    this.#failures = lived >= settledAfterMs ? 0 : this.#failures + 1;
    const doublings = Math.max(0, Math.min(this.#failures - 1, 30));
    const longest = Math.min(backoffMaxMs, backoffMinMs * 2 ** doublings);
    this.#setTimer(longest / 2 + (longest / 2) * this.#draw(), () => this.#connect());
    this.#become("down", cause);
  }

  #setTimer(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#timers.after(delayMs, run);
  }

  #become(state: ConnectionState, cause: string | null): void {
    this.#state = state;
    this.#since = this.#timers.now();
    this.#cause = cause;
    this.#handler.changed(this.status);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
