import { z } from "zod";
import { atStart, key } from "./key.ts";
import { duration, filePath, hostName, orWord, webAddress, wholeNumber } from "./kinds.ts";
import { type RuleContext, refuse } from "./rule.ts";

const opened = "the panel opens its port when the desk starts";

/** Where the control panel is served. */
export const serverSchema = z
  .strictObject({
    host: key(
      hostName,
      "Address that the control panel listens on; another one than this machine's own loopback needs server.tls or server.proxy.",
      atStart(opened),
    ),
    port: key(
      wholeNumber(0, 65_535),
      "Port of the control panel; 0 for any that is free.",
      atStart(opened),
    ),
    proxy: key(
      orWord(webAddress(["https"]), "none", null),
      "Address under which a reverse proxy of yours shows the panel, which then trusts its X-Forwarded-For; none without a proxy.",
      atStart(opened),
    ),
    tls: z.strictObject({
      cert: key(
        orWord(filePath, "none", null),
        "File of the certificate that the panel speaks TLS with, PEM; its names are those under which it answers.",
        atStart(opened),
      ),
      key: key(
        orWord(filePath, "none", null),
        "File of that certificate's private key, PEM.",
        atStart(opened),
      ),
    }),
    idle: key(
      duration("1m", "12h"),
      "Time after which a session of the panel ends that is not used; any ends after 12 hours.",
      atStart("sessions are judged by it from the start on"),
    ),
  })
  .superRefine(serverRule);

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/;

/** Whether nobody but this machine reaches an address. */
export const isLoopbackHost = (host: string): boolean => loopback.test(host);

interface ServerToCheck {
  readonly host: string;
  readonly proxy: string | null;
  readonly tls: { readonly cert: string | null; readonly key: string | null };
}

/** Keys and sessions must not go over a network in the clear. */
function serverRule({ host, proxy, tls }: ServerToCheck, context: RuleContext): void {
  if ((tls.cert === null) !== (tls.key === null)) {
    const name = tls.cert === null ? "cert" : "key";
    refuse(context, ["tls", name], "a file, because the other one of the two is set");
  }
  if (proxy !== null && new URL(proxy).pathname !== "/") {
    refuse(context, ["proxy"], "an address without a path: the panel is at the root of its host");
  }
  if (isLoopbackHost(host) || proxy !== null || tls.cert !== null) return;
  const wanted =
    "127.0.0.1, or else server.tls.cert and server.tls.key, or server.proxy with the https:// " +
    "address of a reverse proxy: whoever reads along could trade";
  refuse(context, ["host"], wanted);
}
