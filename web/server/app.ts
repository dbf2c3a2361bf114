import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { commandRoutes } from "../api/commands.ts";
import { operatorRoutes } from "../api/operators.ts";
import { type Caller, RouteError, type RouteSpec } from "../api/route.ts";
import { type RouteKey, routes } from "../api/routes.ts";
import { isEmergency } from "../views/commands.ts";
import { sessionOf } from "../views/operators.ts";
import { bodyMost, bodyOf, queryOf } from "./asked.ts";
import { Chronicle } from "./chronicle.ts";
import { readCookie, writeCookie } from "./cookie.ts";
import type { PanelDoors } from "./doors.ts";
import { Entrance } from "./entrance.ts";
import { Gate } from "./gate.ts";
import { isOwnHost, originOf } from "./guard.ts";
import { handlersOf } from "./handlers.ts";
import { Once } from "./once.ts";
import { Page } from "./page.ts";
import type { PanelOptions } from "./ports.ts";
import { entryStream } from "./stream.ts";
import { streamOf } from "./streamed.ts";
import { WatchedStreams } from "./watched-stream.ts";

type Handler = (asked: object) => unknown;
type Answer = (context: Context, caller: Caller | null) => Promise<Response>;

const hourMs = 3_600_000;
const hstsSeconds = (365 * 24 * hourMs) / 1_000;

/**
 * The panel: every route of the registry, and nothing beside. Each request passes the gate first.
 * Give `{ address }` of who asks as the second argument of `fetch`.
 */
export function webApp(options: PanelOptions, doors: PanelDoors): Hono {
  const app = new Hono();
  const chronicle = new Chronicle(doors);
  const entrance = new Entrance(doors, chronicle);
  const gate = new Gate(doors, entrance, chronicle);
  addHeaders(app, doors);
  addBounds(app, doors);
  const own = ownAnswers({ options, doors, entrance, chronicle });
  const viewed = viewAnswers(options, doors, entrance, chronicle);
  for (const [key, spec] of Object.entries(routes) as [RouteKey, RouteSpec][]) {
    const [method = "", path = ""] = key.split(" ");
    const answer = own[key] ?? viewed(key, spec);
    app.on(method, path, async (context) => answer(context, await gate.admit(context, key, spec)));
  }
  app.notFound(unanswered);
  app.onError((error, context) => {
    if (error instanceof RouteError) {
      const { retryAfterSeconds, ...more } = error.more;
      if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
      return context.json({ error: error.message, ...more }, error.status);
    }
    const message = `Cannot answer ${context.req.method} ${context.req.path}: ${error.message}`;
    doors.lines.write({ level: "error", event: "panel.failed", message, details: { error } });
    return context.json({ error: "Cannot answer: see the desk's log" }, 500);
  });
  return app;
}

function addHeaders(app: Hono, doors: PanelDoors): void {
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
      xFrameOptions: "DENY",
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    await next();
    const { isTls, proxy } = doors.where();
    // On plain HTTP on loopback a browser must not be told to insist on TLS for this host.
    if (isTls || proxy !== null) {
      context.header("Strict-Transport-Security", `max-age=${hstsSeconds}`);
    }
    if (!context.res.headers.has("Cache-Control")) context.header("Cache-Control", "no-store");
  });
}

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];

/** What is refused before anything of it is looked at. */
function addBounds(app: Hono, doors: PanelDoors): void {
  app.use(async (context, next) => {
    if (!isOwnHost(context.req.header("Host"), doors.where())) {
      return context.json({ error: "Cannot answer under this name: wanted the panel's own" }, 421);
    }
    const { method, path } = context.req;
    const isHead = method === "HEAD" && path.startsWith("/api/");
    return methods.includes(method) && !isHead ? next() : unanswered(context);
  });
  const limited = bodyLimit({
    maxSize: bodyMost,
    onError: (context) =>
      context.json({ error: `Cannot read the body: wanted at most ${bodyMost} bytes` }, 413),
  });
  app.use(limited);
}

const patterns = (Object.keys(routes) as RouteKey[])
  .filter((key) => key !== "GET /*")
  .map((key) => {
    const [method = "", path = ""] = key.split(" ");
    return {
      method,
      form: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`),
    };
  });

/** 405 where another method is answered, 404 where none is. */
function unanswered(context: Context): Response {
  const { method, path } = context.req;
  const others = patterns.filter(({ form }) => form.test(path)).map((each) => each.method);
  const allowed = path.startsWith("/api/") ? others : [...others, "GET"];
  if (allowed.length > 0 && !(allowed.includes(method) && method !== "HEAD")) {
    context.header("Allow", [...new Set(allowed)].join(", "));
    return context.json({ error: `Cannot answer ${method.slice(0, 20)} here` }, 405);
  }
  return context.json({ error: "Cannot find that" }, 404);
}

/** What a view of `web/views/` answers. */
function viewAnswers(
  options: PanelOptions,
  doors: PanelDoors,
  entrance: Entrance,
  chronicle: Chronicle,
) {
  const once = new Once(doors);
  const handlers = handlersOf(options, { doors, entrance, chronicle });
  const handlerOf = (key: string) =>
    (handlers as unknown as Record<string, Handler>)[key] as Handler;
  return (key: RouteKey, spec: RouteSpec): Answer => {
    const handler = handlerOf(key);
    const noted = notedAs(key, spec, chronicle);
    return async (context, caller) => {
      const query = queryOf(context, spec);
      const body = await bodyOf(context, spec);
      const who = caller ?? { name: "nobody", role: "view" };
      const run = () =>
        noted(context, caller, async () =>
          handler({ params: context.req.param(), query, body, who }),
        );
      const asked = (body ?? {}) as { readonly idempotencyKey?: unknown; readonly name?: unknown };
      const { idempotencyKey } = asked;
      const isUrgent = key === "POST /api/v1/commands" && isEmergency(asked.name);
      const route = `${key} ${context.req.path}`;
      const reply =
        caller && typeof idempotencyKey === "string"
          ? await once.answer({ caller, route, key: idempotencyKey, body, isUrgent }, run)
          : await run();
      if (spec.media) {
        const text = spec.isStreamed ? streamOf(reply as AsyncIterable<string>) : String(reply);
        return context.body(text, 200, { "Content-Type": spec.media });
      }
      return context.json(reply as object);
    };
  };
}

/** Routes whose views write down in their own words who did what. */
const selfNoted: readonly string[] = [
  ...Object.keys(commandRoutes),
  ...Object.keys(operatorRoutes),
];

/** Has what a route changes stand in the record, refused or done. */
function notedAs(key: RouteKey, { changes }: RouteSpec, chronicle: Chronicle) {
  return async (context: Context, caller: Caller | null, run: () => Promise<unknown>) => {
    if (caller === null || changes === "nothing" || selfNoted.includes(key)) return run();
    const note = (isDone: boolean, text: string) =>
      chronicle.note(caller, {
        ...{ what: key, target: context.req.path, outcome: isDone ? "done" : "refused", text },
      });
    try {
      const reply = (await run()) as { readonly done?: unknown; readonly text?: unknown };
      note(reply.done !== false, typeof reply.text === "string" ? reply.text : "");
      return reply;
    } catch (error) {
      if (error instanceof RouteError) note(false, error.message);
      throw error;
    }
  };
}

interface Own {
  readonly options: PanelOptions;
  readonly doors: PanelDoors;
  readonly entrance: Entrance;
  readonly chronicle: Chronicle;
}

/** What the server answers by itself: cookies, the stream, the page. */
function ownAnswers({ options, doors, entrance, chronicle }: Own) {
  const page = new Page();
  const streams = new WatchedStreams();
  const stream = entryStream(options);
  return {
    "POST /api/v1/session": async (context) => {
      const spec = routes["POST /api/v1/session"];
      queryOf(context, spec);
      const { key, isPlain } = (await bodyOf(context, spec)) as { key: string; isPlain?: boolean };
      const where = doors.where();
      const former = readCookie(context, where);
      const { caller, cookie } = await entrance.signIn(key, originOf(context, where), former);
      writeCookie(context, where, cookie, isPlain);
      chronicle.note(caller, { what: "session.begin", outcome: "done", text: "signed in" });
      return context.json(sessionOf(caller, doors.idleMs));
    },
    "DELETE /api/v1/session": async (context, caller) => {
      if (caller?.session) {
        doors.keeper.endSession(caller.session.id);
        writeCookie(context, doors.where(), null);
        chronicle.note(caller, { what: "session.end", outcome: "done", text: "signed out" });
      }
      return context.json({ done: true });
    },
    "GET /api/v1/stream": async (context, caller) => {
      if (!caller) return unanswered(context);
      const cookie = readCookie(context, doors.where());
      return streams.watch(
        caller,
        () => entrance.isStillIn(caller, cookie),
        () => stream(context),
      );
    },
    "GET /assets/:name": async (context) => (await page.asset(context)) ?? unanswered(context),
    "GET /*": async (context) =>
      /^\/(api|assets)\//.test(context.req.path) ? unanswered(context) : page.document(context),
  } as Partial<Record<RouteKey, Answer>>;
}
