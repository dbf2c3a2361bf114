import { useView } from "../live.ts";
import { Section, Tile, Tiles } from "../parts/layout.tsx";
import { money } from "../parts/words.ts";

/** The desk at a glance. */
export function Overview() {
  const { data, error, readAt } = useView("GET /api/v1/strip", {});
  return (
    <Section title="Key figures" readAt={readAt} error={error}>
      {data && (
        <Tiles>
          <Tile title="Equity">{money(data.equity, data.quote)}</Tile>
          <Tile title="Open positions">{data.openPositions}</Tile>
        </Tiles>
      )}
    </Section>
  );
}
