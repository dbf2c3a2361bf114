import type { z } from "zod";
import type { Role } from "../../machines/domain/command.ts";

/** Who may ask: `anyone` needs no session, the others one of at least that role. */
export type RouteRole = "anyone" | Role;

/** What an answered request may have changed: nothing, the panel's own store, or the desk. */
export type RouteChange = "nothing" | "panel" | "desk";

/** A route of the panel as it is declared: what the server checks, and what the page may ask. */
export interface RouteSpec {
  readonly role: RouteRole;
  /** One line, imperative: for `openapi.json`. */
  readonly summary: string;
  readonly changes: RouteChange;
  /** Texts of the query; a name that it does not list is refused. */
  readonly query?: z.ZodType;
  /** The JSON body of an unsafe method. */
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** What the reply is, where it is not JSON: its media type. */
  readonly media?: string;
  /** Set where the reply comes in parts, as long as it is read: one of `media`. */
  readonly isStreamed?: true;
}

export type RouteTable = Readonly<Record<`${Method} /${string}`, RouteSpec>>;
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** The names behind colons: `GET /actors/:name/at/:seq` has `name` and `seq`. */
export type ParamsOf<Key extends string> = Key extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<Rest>
  : Key extends `${string}:${infer Name}`
    ? { readonly [K in Name]: string }
    : unknown;

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type InputOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** What a handler is given: all of it checked. */
export interface Asked<Key extends string, Spec extends RouteSpec, Who = Identity> {
  readonly params: ParamsOf<Key>;
  readonly query: OutputOf<Spec["query"]>;
  readonly body: OutputOf<Spec["body"]>;
  readonly who: Who;
}

/** Who asks: a name that stands in the record of actions, and a role. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
}

export type ReplyOf<Spec extends RouteSpec> = Spec extends { readonly isStreamed: true }
  ? AsyncIterable<string>
  : z.input<Spec["reply"]>;

/** One handler for each route of a table: a missing one does not type-check. */
export type Handlers<Table extends RouteTable, Who = Identity> = {
  readonly [Key in Extract<keyof Table, `${Method} /${string}`>]: (
    asked: Asked<Key, Table[Key], Who>,
  ) => ReplyOf<Table[Key]> | Promise<ReplyOf<Table[Key]>>;
};

/** Who asks, and by which way. */
export interface Caller extends Identity {
  readonly keyId: string;
  /** Null for who brings a key with each request. */
  readonly session: {
    readonly id: string;
    /** What a page must send back to change something. */
    readonly token: string;
    readonly endsAt: number;
  } | null;
  /** An address and what kind of program asks. */
  readonly from: string;
}

/** What the page gives along with a request. */
export type Given<Key extends string, Spec extends RouteSpec> = (unknown extends ParamsOf<Key>
  ? { readonly params?: undefined }
  : { readonly params: ParamsOf<Key> }) &
  (Spec["query"] extends z.ZodType
    ? { readonly query?: InputOf<Spec["query"]> }
    : { readonly query?: undefined }) &
  (Spec["body"] extends z.ZodType
    ? { readonly body: InputOf<Spec["body"]> }
    : { readonly body?: undefined });

/** A refusal that the asker is told of, in words; anything else that is thrown is not told. */
export class RouteError extends Error {
  override readonly name = "RouteError";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503,
    message: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
