/**
 * Saving and restoring what the data plane holds in memory: indicators, rings, frames. Their
 * classes keep all they know in fields that are numbers, typed arrays, others of their kind, or
 * lists of these; so one walk over the fields serves all, and a class cannot forget a field.
 */

/** Anything whose fields are of the kinds named above. */
export interface Stateful {
  /** Name and parameters: state is only taken back by the same key. */
  readonly key: string;
}

/** Plain data: `values` can be stored as its bytes. NaN and -0 must survive the storing. */
export interface SavedState {
  readonly key: string;
  readonly values: Float64Array;
}

type TypedArray = Float64Array | Int32Array;

interface Visitor {
  number(value: number): number;
  array(values: TypedArray): void;
}

function isTypedArray(value: unknown): value is TypedArray {
  return value instanceof Float64Array || value instanceof Int32Array;
}

/** Visits every number under `owner` in the order of declaration; numbers can be replaced. */
function walk(owner: object, visitor: Visitor): void {
  for (const [name, value] of Object.entries(owner)) {
    if (typeof value === "number") {
      const replaced = visitor.number(value);
      // Parameters are among the fields; what does not change is not written.
      if (!Object.is(replaced, value)) Reflect.set(owner, name, replaced);
    } else if (isTypedArray(value)) {
      visitor.array(value);
    } else if (typeof value === "object" && value !== null) {
      walk(value, visitor);
    } else if (name !== "key") {
      throw new TypeError(
        `Cannot save field "${name}": it is a ${value === null ? "null" : typeof value}, ` +
          "wanted a number, a typed array or an object of these",
      );
    }
  }
}

/** All of an object's state, for `restoreState`. Allocates: for checkpoints, not for bars. */
export function saveState(from: Stateful): SavedState {
  const values: number[] = [];
  walk(from, {
    number(value) {
      values.push(value);
      return value;
    },
    array(array) {
      for (const value of array) values.push(value);
    },
  });
  return { key: from.key, values: Float64Array.from(values) };
}

/**
 * Puts saved state into a new object of the same key, which then goes on bit for bit as the saved
 * one would have.
 * @throws {Error} if the key differs, or the number of values does: it was saved by another version
 */
export function restoreState(into: Stateful, saved: SavedState): void {
  if (into.key !== saved.key) {
    throw new Error(`Cannot restore state into "${into.key}": it was saved from "${saved.key}"`);
  }
  const wanted = saveState(into).values.length;
  if (wanted !== saved.values.length) {
    throw new Error(
      `Cannot restore state into "${into.key}": it has ${saved.values.length} values, ` +
        `wanted ${wanted}`,
    );
  }
  let at = 0;
  walk(into, {
    number: () => asStored(saved.values[at++] as number),
    array(array) {
      array.set(saved.values.subarray(at, at + array.length));
      at += array.length;
    },
  });
}

/**
 * The same number, as a small integer where it is one: what is read from a Float64Array is a
 * double to the engine, and a counter that is one would slow down the indexing that it is for.
 */
function asStored(value: number): number {
  return Object.is(value | 0, value) ? value | 0 : value;
}
