import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { type Desk, jobsOf } from "../actors/desk/mod.ts";
import { livePage, livePageScript, livePageStyle } from "./live-page.ts";

export interface WebOptions {
  readonly desk: Desk;
  /** The banner's words for the prices: never left out. */
  readonly market: string;
  /** How long this process runs, milliseconds. */
  readonly uptimeMs: () => number;
  readonly version: string;
}

/** What `GET /api/v1/status` answers. */
export function statusBody({ desk, market, uptimeMs, version }: WebOptions) {
  const status = desk.status();
  return {
    ...status,
    market,
    version,
    uptimeMs: Math.round(uptimeMs()),
    journalHead: status.journalHead.hash,
    journalSeq: status.journalHead.seq,
  };
}

/**
 * The desk's read-only window on loopback: health, status, and one live page. Whoever can reach it
 * can look and nothing else; commands go through the Unix socket.
 */
export function webApp(options: WebOptions): Hono {
  const { desk } = options;
  const app = new Hono();
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
      // Plain HTTP on loopback: a browser must not be told to insist on TLS for this host.
      strictTransportSecurity: false,
    }),
  );
  app.use("/api/*", async (context, next) => {
    await next();
    context.header("Cache-Control", "no-store");
  });
  app.get("/health", (context) =>
    context.json({ ok: true, uptimeMs: Math.round(options.uptimeMs()) }),
  );
  app.get("/api/v1/status", (context) => context.json(statusBody(options)));
  app.get("/api/v1/decisions", (context) => {
    desk.commit();
    return context.json({ decisions: desk.decisions.slice(-50).reverse() });
  });
  app.get("/api/v1/jobs", (context) => {
    desk.commit();
    return context.json({ jobs: jobsOf(desk.actors()) });
  });
  app.get("/api/v1/equity", (context) => {
    desk.commit();
    return context.json({ points: desk.equity.curve });
  });
  app.get("/", (context) => context.html(livePage));
  app.get("/live.js", (context) =>
    context.body(livePageScript, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  app.get("/live.css", (context) =>
    context.body(livePageStyle, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  app.notFound((context) => context.json({ error: `Cannot find "${context.req.path}"` }, 404));
  app.onError((error, context) => {
    console.error(`web: ${context.req.path}: ${error.message}`);
    return context.json({ error: "Cannot answer: see the desk's log" }, 500);
  });
  return app;
}
