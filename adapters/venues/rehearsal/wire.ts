/** What a venue's wire format is to the server that speaks it: the frame of one more folder. */
import type { RequestScope, Strike } from "./faults/registry.ts";

export interface WireRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface WireReply {
  readonly status: number;
  readonly body: string;
}

/** What a request is, before anybody looks at whether it is right. */
export interface WireKind {
  readonly scope: RequestScope;
  /** Its name in the venue's documentation, such as `AddOrder`. */
  readonly name: string;
}

/** How a client's WebSocket is spoken to. */
export interface StreamClient {
  readonly path: string;
  send(text: string): void;
  /** Ends it by the protocol; one that is silent stays as it is. */
  close(code: number, reason: string): void;
  reset(): void;
  silence(): void;
}

/** One open WebSocket from the venue's side. */
export interface StreamSession {
  onText(text: string): void;
  onClose(): void;
  /** Once a second, of the venue's time where that is the faster: for heartbeats. */
  onSecond(): void;
}

export interface Wire {
  readonly name: string;
  kindOf(request: WireRequest): WireKind;
  /** Answers a request; a strike says what else befalls it inside the venue. */
  handle(request: WireRequest, strike: Strike | null): WireReply;
  /** The venue's words for a refusal that a fault orders. */
  refusal(strike: Strike, kind: WireKind, request: WireRequest): WireReply;
  /** The venue's empty success. */
  readonly emptyReply: WireReply;
  /** Whether WebSockets are spoken at this path. */
  streamsAt(path: string): boolean;
  open(client: StreamClient): StreamSession;
  /** The venue restarted: what lives only in its front ends is gone. */
  forgetSessions(): void;
}
