import { readFileSync } from "node:fs";

/**
 * Who gives a command, for the record: by the process's user id, for whoever runs it can set
 * `$USER` to anything.
 */
export function userName(): string {
  const uid = process.getuid?.() ?? -1;
  return named(uid) ?? `uid ${uid}`;
}

function named(uid: number): string | null {
  let users: string;
  try {
    users = readFileSync("/etc/passwd", "utf8");
  } catch {
    // A system that keeps its users elsewhere: the number is as good.
    return null;
  }
  const line = users.split("\n").find((each) => each.split(":")[2] === String(uid));
  return line?.split(":")[0] || null;
}
