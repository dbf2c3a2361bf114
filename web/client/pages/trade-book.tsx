import { useEffect } from "preact/hooks";
import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { moment, percent, plain } from "../parts/words.ts";

type Book = NonNullable<Answer<"GET /api/v1/lanes/:lane/book">["book"]>;

/** The book is read again so often: no journal record says that it changed. */
const everyMs = 2_000;
const levelsShown = 8;

/** Depth of the book, as far as the market tells one. */
export function BookPanel({ lane }: { readonly lane: string }) {
  const { data, error, readAt, reload } = useView(
    "GET /api/v1/lanes/:lane/book",
    { params: { lane } },
    ({ kind, subject }) => kind === "bar" && subject === lane,
  );
  const hasBook = data?.book != null;
  useEffect(() => {
    if (!hasBook) return;
    const timer = setInterval(() => reload(), everyMs);
    return () => clearInterval(timer);
  }, [hasBook, reload]);
  return (
    <Section title="Book depth" readAt={readAt} error={error}>
      {data && !data.book && <Empty>{data.source}</Empty>}
      {data?.book && (
        <>
          <Depth book={data.book} base={data.base} />
          <BookTable book={data.book} base={data.base} />
          <p class="note">
            {data.book.spread !== null && (
              <>
                Spread {plain(data.book.spread, 8)} {data.quote}
                {data.book.spreadShare !== null && ` (${percent(data.book.spreadShare, 3)})`},{" "}
              </>
            )}
            as of {moment(data.book.at)}
          </p>
        </>
      )}
    </Section>
  );
}

const width = 320;
const height = 110;

type Side = Book["bids"];

/** Points of a side's steps, from the touch outwards. */
function steps(side: Side, x: (price: string) => number, y: (total: string) => number): string {
  let before = height;
  const points: string[] = [];
  for (const { price, total } of side) {
    points.push(`${x(price).toFixed(1)},${before.toFixed(1)}`);
    before = y(total);
    points.push(`${x(price).toFixed(1)},${before.toFixed(1)}`);
  }
  const last = side.at(-1);
  if (last) points.push(`${x(last.price).toFixed(1)},${height}`);
  return points.join(" ");
}

/** Sizes added up from the touch outwards, bids to the left. */
function Depth({ book: { bids, asks }, base }: { readonly book: Book; readonly base: string }) {
  const prices = [...bids, ...asks].map(({ price }) => Number(price));
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const most = Math.max(...[bids.at(-1), asks.at(-1)].map((each) => Number(each?.total ?? 0)));
  const x = (price: string) => ((Number(price) - low) / (high - low || 1)) * width;
  const y = (total: string) => height - (Number(total) / (most || 1)) * (height - 6);
  const sum = (side: Side) => `${plain(side.at(-1)?.total ?? 0, 4)} ${base}`;
  return (
    <figure class="depth">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Depth: bids of ${sum(bids)} and asks of ${sum(asks)} within ${bids.length} and ${asks.length} levels`}
      >
        <polygon class="depth-bid" points={steps(bids, x, y)} />
        <polygon class="depth-ask" points={steps(asks, x, y)} />
      </svg>
      <figcaption>
        <span>{plain(low, 8)}</span>
        <span>
          {plain(bids.at(-1)?.total ?? 0, 1)} | {plain(asks.at(-1)?.total ?? 0, 1)} {base}
        </span>
        <span>{plain(high, 8)}</span>
      </figcaption>
    </figure>
  );
}

function BookTable({ book: { bids, asks }, base }: { readonly book: Book; readonly base: string }) {
  const rows = Array.from({ length: Math.min(levelsShown, Math.max(bids.length, asks.length)) });
  const size = (text: string | undefined) => (text === undefined ? "" : plain(text, 4));
  return (
    <table class="book" aria-label={`Best levels, sizes in ${base}, added up from the touch`}>
      <thead>
        <tr>
          <th scope="col">Sum</th>
          <th scope="col">Size</th>
          <th scope="col">Bid</th>
          <th scope="col">Ask</th>
          <th scope="col">Size</th>
          <th scope="col">Sum</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((_, index) => {
          const [bid, ask] = [bids[index], asks[index]];
          return (
            <tr key={index}>
              <td>{size(bid?.total)}</td>
              <td>{size(bid?.quantity)}</td>
              <td class="good">{bid && plain(bid.price, 8)}</td>
              <td class="bad">{ask && plain(ask.price, 8)}</td>
              <td>{size(ask?.quantity)}</td>
              <td>{size(ask?.total)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
