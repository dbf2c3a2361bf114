/** How many entries the collections of a running desk hold, by the path that leads to them. */

/** What is entered: deeper, and it is the contents, not the structures, that are looked at. */
const depthMax = 8;
const visitsMax = 2_000_000;

/** Left out: shared by reference with what is counted elsewhere, or not ours. */
const skipped: ReadonlySet<string> = new Set(["ref", "snapshot", "options", "logics", "machine"]);

/**
 * Sizes of the maps, sets and arrays that are reached from the roots by their fields, as
 * `desk.system.live.byName`. Of collections within collections the sizes are added up, as
 * `desk.books.balances[]`. Fields that JavaScript itself keeps private (`#`) are not reached.
 */
export function collectionSizes(roots: Readonly<Record<string, unknown>>): Map<string, number> {
  const sizes = new Map<string, number>();
  const seen = new Set<object>();
  const queue: { path: string; value: object; depth: number }[] = [];
  const enter = (path: string, value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    if (depth > depthMax || seen.size >= visitsMax) return;
    seen.add(value);
    queue.push({ path, value, depth });
  };
  for (const [name, root] of Object.entries(roots)) enter(name, root, 0);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { path, value, depth } = next;
    const items = itemsOf(value);
    if (items) {
      sizes.set(path, (sizes.get(path) ?? 0) + items.size);
      for (const item of items.objects) enter(`${path}[]`, item, depth + 1);
      continue;
    }
    for (const [name, field] of Object.entries(value)) {
      if (!skipped.has(name)) enter(`${path}.${name}`, field, depth + 1);
    }
  }
  return sizes;
}

function itemsOf(value: object): { size: number; objects: Iterable<unknown> } | null {
  if (value instanceof Map) return { size: value.size, objects: value.values() };
  if (value instanceof Set) return { size: value.size, objects: value.values() };
  if (Array.isArray(value)) return { size: value.length, objects: value };
  if (ArrayBuffer.isView(value)) return { size: value.byteLength, objects: [] };
  return null;
}
