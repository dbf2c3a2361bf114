import { CommandError, exitCode } from "./exit-codes.ts";

/**
 * The panel, where one is wanted: on the port asked for, or else on the usual one, or on a free one
 * if that is taken.
 */
export function servePanel(
  port: number | null,
  usual: number | null,
  fetch: (request: Request) => Response | Promise<Response>,
) {
  if (port === null && usual === null) return null;
  const serve = (on: number) => {
    const server = Bun.serve({ hostname: "127.0.0.1", port: on, fetch });
    // Whoever fails to start otherwise is not kept alive by a window onto nothing.
    server.unref();
    return server;
  };
  if (port !== null) {
    try {
      return serve(port);
    } catch (cause) {
      throw new CommandError(
        `Cannot serve the panel on port ${port}: ${(cause as Error).message}`,
        exitCode.usage,
        { cause },
      );
    }
  }
  try {
    return serve(usual ?? 0);
  } catch {
    // Another program has the usual port: any free one does, and the banner names it.
    return serve(0);
  }
}
