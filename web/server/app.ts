import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { type Identity, RouteError, type RouteSpec } from "../api/route.ts";
import { routes } from "../api/routes.ts";
import { buildPage, pageDocument } from "./bundle.ts";
import { handlersOf } from "./handlers.ts";
import type { PanelOptions } from "./ports.ts";
import { entryStream } from "./stream.ts";
import { streamOf } from "./streamed.ts";

type Handler = (asked: object) => unknown;

/** The panel: every route of the registry, the event stream, and the page. */
export function webApp(options: PanelOptions): Hono {
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
  const handlers = handlersOf(options) as unknown as Readonly<Record<string, Handler>>;
  for (const [key, spec] of Object.entries(routes)) {
    const [method = "", path = ""] = key.split(" ");
    const handler = handlers[key] as Handler;
    app.on(method, path, (context) => answer(context, spec, handler));
  }
  app.get("/api/v1/stream", entryStream(options));
  servePage(app);
  app.notFound((context) => context.json({ error: `Cannot find "${context.req.path}"` }, 404));
  app.onError((error, context) => {
    if (error instanceof RouteError) {
      return context.json({ error: error.message, ...error.more }, error.status);
    }
    console.error(`web: ${context.req.path}: ${error.message}`);
    return context.json({ error: "Cannot answer: see the desk's log" }, 500);
  });
  return app;
}

async function answer(context: Context, spec: RouteSpec, handler: Handler): Promise<Response> {
  const who: Identity = { name: "operator", role: "view" };
  const query = checked(spec.query, context.req.query());
  const body = spec.body
    ? checked(spec.body, await context.req.json().catch(() => undefined))
    : undefined;
  const reply = await handler({ params: context.req.param(), query, body, who });
  if (spec.media) {
    const body = spec.isStreamed ? streamOf(reply as AsyncIterable<string>) : String(reply);
    return context.body(body, 200, { "Content-Type": spec.media });
  }
  return context.json(reply as object);
}

/** @throws {RouteError} in words of what is wrong with it */
function checked(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new RouteError(400, z.prettifyError(parsed.error));
  return parsed.data;
}

/** The page's files under their hashes, and its document under every path that is not the API's. */
function servePage(app: Hono): void {
  let building: ReturnType<typeof buildPage> | null = null;
  const built = () => {
    building ??= buildPage();
    return building;
  };
  app.get("/assets/*", async (context) => {
    const asset = (await built()).get(context.req.path);
    if (!asset) return context.notFound();
    const isZipped = context.req.header("Accept-Encoding")?.includes("gzip") ?? false;
    return context.body(isZipped ? asset.gzip : asset.body, 200, {
      "Content-Type": asset.type,
      "Cache-Control": "public, max-age=31536000, immutable",
      Vary: "Accept-Encoding",
      ...(isZipped && { "Content-Encoding": "gzip" }),
    });
  });
  app.get("*", async (context, next) => {
    if (/^\/(api|health|assets)\b/.test(context.req.path)) return next();
    const document = pageDocument(await built());
    return context.html(document, 200, { "Cache-Control": "no-cache" });
  });
}
