/** What keeps the panel's door: who is let in, what they did, and what is needed to tell. */
import type {
  Action,
  ActionFilter,
  OperatorKey,
  OperatorSession,
  RecordedAction,
} from "../../machines/domain/operator.ts";

/** Keys, sessions, replies and actions, kept. A method throws where the file cannot be written. */
export interface PanelKeeper {
  keys(): readonly OperatorKey[];
  key(id: string): (OperatorKey & { readonly hash: string }) | null;
  hasName(name: string): boolean;
  addKey(key: Pick<OperatorKey, "id" | "name" | "role" | "createdAt"> & { hash: string }): void;
  revokeKey(id: string, at: number): boolean;
  useKey(id: string, at: number): void;
  beginSession(
    session: {
      readonly tokenHash: string;
      readonly id: string;
      readonly keyId: string;
      readonly from: string;
      readonly at: number;
      readonly endsAt: number;
    },
    former: string | null,
  ): void;
  session(tokenHash: string): OperatorSession | null;
  sessions(): readonly OperatorSession[];
  seeSession(id: string, at: number): void;
  endSession(id: string): boolean;
  claim(
    who: string,
    key: string,
    route: string,
    bodyHash: string,
    at: number,
  ): { readonly route: string; readonly bodyHash: string; readonly reply: string | null } | null;
  keepReply(who: string, key: string, reply: string): void;
  disclaim(who: string, key: string): void;
  record(action: Action): void;
  actions(filter: ActionFilter, limit: number): readonly RecordedAction[];
}

/** A key as it is made: `text` lets in and is shown once, `hash` is what is kept. */
export interface MadeKey {
  readonly id: string;
  readonly text: string;
  readonly hash: string;
}

/** Makes keys and looks whether one is right, both away from the loop. */
export interface Locksmith {
  make(): Promise<MadeKey>;
  isRight(text: string, hash: string): Promise<boolean>;
  /** 256 bits that nobody can guess, as text of an address. */
  draw(): string;
}

/** Where the panel can be reached. */
export interface Whereabouts {
  readonly port: number;
  /** Whether it speaks TLS itself. */
  readonly isTls: boolean;
  /** Where browsers reach it through a proxy, such as `https://desk.example`; null for none. */
  readonly proxy: string | null;
  /** Whether a name or address, without port, is its own. */
  isOwn(host: string): boolean;
}

export interface PanelDoors {
  readonly keeper: PanelKeeper;
  readonly locksmith: Locksmith;
  readonly where: () => Whereabouts;
  /** The machine's clock, Unix milliseconds: what sessions and limits go by. */
  readonly now: () => number;
  /** After which a session that is not used ends. */
  readonly idleMs: number;
  /** Reads the configuration again. @throws {Error} of name `CommandError` if it cannot be used */
  reload(): { readonly done: boolean; readonly text: string };
  /** The process's log: a level to set, and lines of ours. */
  readonly lines: {
    level: "debug" | "info" | "warn" | "error";
    readonly lost: number;
    write(line: {
      readonly level: "info" | "warn" | "error";
      readonly event: string;
      readonly message: string;
      readonly details?: unknown;
    }): void;
  };
  /** When the desk last wrote a record and last heard a bar, milliseconds ago; null for not yet. */
  pulse(): {
    readonly recordAgeMs: number | null;
    readonly marketAgeMs: number | null;
    /** The last record. */
    readonly seq: number;
  };
  /** The record that last changed a live actor; null if there is none of that name. */
  changedSeq(actor: string): number | null;
  /** The documentation, by name, as Markdown. */
  readonly documents: ReadonlyMap<string, { readonly title: string; readonly text: string }>;
}

/** Who a request comes from, before anybody is known. */
export interface Origin {
  readonly address: string;
  /** An address and what kind of program asks, for the record. */
  readonly from: string;
}
