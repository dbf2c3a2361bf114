import { lanesOf } from "./config.ts";
import type { ConfigurationHistory } from "./configuration-history.ts";
import { createPlane } from "./planes.ts";

/**
 * The names of the numbers of a kept feature vector, by the configuration under which it was kept.
 * Empty for a symbol that is not traded.
 */
export function featureNamesAt(
  history: ConfigurationHistory,
): (symbol: string, seq: number) => readonly string[] {
  const known = new Map<object, Map<string, readonly string[]>>();
  return (symbol, seq) => {
    const era = history.planesAt(seq);
    const names = known.get(era) ?? new Map<string, readonly string[]>();
    known.set(era, names);
    const found = names.get(symbol) ?? namesBy(era.config, symbol);
    names.set(symbol, found);
    return found;
  };
}

function namesBy(
  config: ConfigurationHistory["planes"][number]["config"],
  symbol: string,
): readonly string[] {
  const lane = lanesOf(config).find((each) => each.lane === symbol);
  return lane ? createPlane(lane, config.stop, { onFailure: () => {} }).featureNames : [];
}
