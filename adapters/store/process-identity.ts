/** Which process this is, told so that another one can find out whether it still lives. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Empty text stands for what the system does not tell. */
export interface ProcessIdentity {
  readonly host: string;
  /** Tells two hosts of one name apart. */
  readonly machineId: string;
  /** Changes whenever the host is started. */
  readonly bootId: string;
  /** Process ids mean the same within one namespace only: two containers have two. */
  readonly namespace: string;
  readonly pid: number;
  /** When it started, as the system writes it: a later process of the same id has another. */
  readonly startedAt: string;
}

type Found =
  | { readonly type: "gone" }
  | { readonly type: "lives"; readonly startedAt: string }
  | { readonly type: "hidden" };

const isLinux = process.platform === "linux";

export function thisProcess(): ProcessIdentity {
  const found = find(process.pid);
  return {
    host: hostname(),
    machineId: textOf("/etc/machine-id"),
    bootId: isLinux
      ? textOf("/proc/sys/kernel/random/boot_id")
      : said("sysctl", "-n", "kern.bootsessionuuid"),
    namespace: isLinux ? linkOf("/proc/self/ns/pid") : "",
    pid: process.pid,
    startedAt: found.type === "lives" ? found.startedAt : "",
  };
}

/** True only if the process can no longer write anything; false where nobody can say. */
export function isProvablyDead(holder: ProcessIdentity, self: ProcessIdentity): boolean {
  if (holder.host !== self.host || holder.machineId !== self.machineId) return false;
  if (holder.bootId === "" || self.bootId === "") return false;
  if (holder.bootId !== self.bootId) return true;
  if (holder.namespace !== self.namespace) return false;
  const found = find(holder.pid);
  if (found.type !== "lives") return found.type === "gone";
  return holder.startedAt !== "" && found.startedAt !== holder.startedAt;
}

function find(pid: number): Found {
  if (!isSignalable(pid)) return { type: "gone" };
  const startedAt = isLinux
    ? startOfStat(textOf(`/proc/${pid}/stat`))
    : said("ps", "-o", "lstart=", "-p", String(pid));
  if (startedAt === null) return { type: "gone" };
  // It is there, but whose it is may be hidden from other users.
  return startedAt === "" ? { type: "hidden" } : { type: "lives", startedAt };
}

/** Field 22 of `/proc/PID/stat`; null of a process that has ended and only waits to be noticed. */
function startOfStat(stat: string): string | null {
  // The second field is the program's name, which may hold anything, brackets included.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return null;
  return fields[18] ?? "";
}

function isSignalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

function textOf(path: string): string {
  return orEmpty(() => readFileSync(path, "utf8").trim());
}

function linkOf(path: string): string {
  return orEmpty(() => readlinkSync(path));
}

function said(...command: string[]): string {
  const env = { ...process.env, LC_ALL: "C" };
  return orEmpty(() => Bun.spawnSync(command, { env }).stdout.toString().trim());
}

/** What cannot be read proves nothing, which is what empty text means here. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
