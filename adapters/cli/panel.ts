import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Hono } from "hono";
import type { Configuration } from "../../config/schema.ts";
import { isLoopbackHost } from "../../config/server-schema.ts";
import type { Whereabouts } from "../../web/server/doors.ts";
import { CommandError, exitCode } from "./exit-codes.ts";

type Server = Configuration["server"];

/** A panel that is served. */
export interface ServedPanel {
  readonly port: number;
  /** Where a browser on this machine finds it. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** More than the panel itself takes, so that it can say so. */
const bodyMost = 256 * 1024;

/** Where the panel answers. `port` is 0 until it is served. @throws {CommandError} as files of TLS do */
export class PanelAddress implements Whereabouts {
  port = 0;
  readonly isTls: boolean;
  readonly proxy: string | null;
  private readonly certificate: X509Certificate | null;
  readonly tls: { readonly cert: string; readonly key: string } | null;

  constructor(private readonly server: Pick<Server, "host" | "proxy" | "tls">) {
    const { cert, key } = server.tls;
    this.tls = cert === null || key === null ? null : { cert: textOf(cert), key: textOf(key) };
    this.certificate = this.tls === null ? null : certificateIn(this.tls.cert, cert ?? "");
    this.isTls = this.tls !== null;
    this.proxy = server.proxy;
  }

  isOwn(host: string): boolean {
    const name = host.replace(/^\[|\]$/g, "");
    if (isLoopbackHost(name) || name === this.server.host) return true;
    const { certificate } = this;
    if (certificate === null) return false;
    return (
      (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
    );
  }

  get origin(): string {
    if (this.proxy !== null) return new URL(this.proxy).origin;
    const { host } = this.server;
    // Whatever listens on all addresses is found on this one too.
    const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
    const name = shown.includes(":") ? `[${shown}]` : shown;
    return `${this.isTls ? "https" : "http"}://${name}:${this.port}`;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      `Cannot read server.tls file "${path}": ${reason}`,
      exitCode.badConfiguration,
      { cause },
    );
  }
}

function certificateIn(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CommandError(
      `Cannot use server.tls.cert "${path}": it holds no certificate, wanted PEM`,
      exitCode.badConfiguration,
      { cause },
    );
  }
}

/**
 * Serves the panel on the port asked for, or else on the usual one, or on a free one if that is
 * taken.
 *
 * @throws {CommandError} where the port asked for cannot be had
 */
export function servePanel(
  port: number | null,
  { host, port: usual }: Pick<Server, "host" | "port">,
  address: PanelAddress,
  app: Pick<Hono, "fetch">,
): ServedPanel {
  const serve = (on: number) => {
    const server = Bun.serve({
      hostname: host,
      port: on,
      maxRequestBodySize: bodyMost,
      ...(address.tls && { tls: { ...address.tls } }),
      fetch: (request, asked) =>
        app.fetch(request, { address: asked.requestIP(request)?.address ?? "unknown" }),
    });
    // Whoever fails to start otherwise is not kept alive by a window onto nothing.
    server.unref();
    return server;
  };
  const served = (on: number): ServedPanel => {
    const server = serve(on);
    address.port = server.port ?? on;
    return {
      port: address.port,
      origin: address.origin,
      stop: () => server.stop(true),
    };
  };
  try {
    return served(port ?? usual);
  } catch (cause) {
    // Another program has the usual port: any free one does, and the banner names it.
    if (port === null && (cause as { code?: unknown }).code === "EADDRINUSE") return served(0);
    throw new CommandError(
      `Cannot serve the panel on ${host}, port ${port ?? usual}: ${(cause as Error).message}`,
      port === null ? exitCode.badConfiguration : exitCode.usage,
      { cause },
    );
  }
}
