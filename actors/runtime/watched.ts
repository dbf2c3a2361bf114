/** Paths that are noted of one look: what is longer is a list that was walked. */
const pathsMost = 40;

/** Plain data that notes which of its values are read, by path. It cannot be changed. */
export class Watched<T extends object> {
  readonly root: T;
  private readonly read = new Map<string, unknown>();
  private readonly proxies = new WeakMap<object, object>();

  constructor(data: T) {
    this.root = this.watch(data, "") as T;
  }

  /** The values that were read, lists and objects on the way left out. */
  seen(): Record<string, unknown> {
    return Object.fromEntries([...this.read].slice(0, pathsMost));
  }

  /** Whether nothing was read but this path. */
  isBlindTo(path: string): boolean {
    return [...this.read.keys()].every((each) => each === path);
  }

  private watch(target: object, path: string): object {
    const known = this.proxies.get(target);
    if (known) return known;
    const proxy = new Proxy(target, {
      get: (_, key) => this.found(target, key, path),
      has: (_, key) => {
        const isThere = Reflect.has(target, key);
        // That something is not there is seen as well.
        if (!isThere && typeof key === "string") this.read.set(joined(path, key), null);
        return isThere;
      },
      set: () => false,
    });
    this.proxies.set(target, proxy);
    return proxy;
  }

  private found(target: object, key: string | symbol, path: string): unknown {
    const value: unknown = Reflect.get(target, key);
    if (typeof key === "symbol" || typeof value === "function") return value;
    const at = joined(path, key);
    if (typeof value === "object" && value !== null) return this.watch(value, at);
    this.read.set(at, value ?? null);
    return value;
  }
}

const joined = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
