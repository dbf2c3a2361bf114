/** A desk's panel as whoever holds a key meets it. */
import type { DeskProcess } from "../kill/desk-process.ts";

/** The panel of a desk that has just been started, with the key that its banner shows. */
export interface BannerLink {
  readonly origin: string;
  /** Null from the second start on. */
  readonly key: string | null;
}

/** Waits for the banner. @throws {Error} with what it said if the desk ends before */
export async function bannerLink(desk: DeskProcess): Promise<BannerLink> {
  const isThere = await desk.until(() => /panel +https?:\S+\n/.test(desk.out));
  if (!isThere) throw new Error(`Cannot find the panel: ${(await desk.ended).err}`);
  const [, origin = "", key = null] =
    /panel +(https?:[^\s#]+?)\/?(?:#key=(\S+))?\n/.exec(desk.out) ?? [];
  return { origin, key };
}

/** Asks with a key. */
export function askWith(key: string, url: string, body?: object): Promise<Response> {
  return fetch(url, {
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
}
