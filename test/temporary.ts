/**
 * Before the tests: what they write lies in memory where the system has a roomy folder for that. What a
 * killed process leaves is the same there; that a flush waits for the disk is measured by the bench.
 */
import { accessSync, constants, statfsSync } from "node:fs";

const folder = "/dev/shm";
const wanted = 4 * 2 ** 30;

function isRoomy(): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= wanted;
  } catch {
    // There is none: the disk does as well.
    return false;
  }
}

if (process.env.TMPDIR === undefined && isRoomy()) process.env.TMPDIR = folder;
