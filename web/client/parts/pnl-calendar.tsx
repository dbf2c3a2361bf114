import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { query, setQuery } from "../router.ts";
import { Section } from "./layout.tsx";
import { short, signed } from "./words.ts";

type CalendarData = Answer<"GET /api/v1/calendar">;

/** What was realised each day of a month; a day leads to its trades. */
export function PnlCalendar() {
  const month = query.value.get("month") ?? undefined;
  const { data, error, readAt } = useView(
    "GET /api/v1/calendar",
    { query: { month } },
    ({ actors }) => actors.some((name) => name.startsWith("position:")),
  );
  return (
    <Section
      title="Realised by day"
      readAt={readAt}
      error={error}
      tools={data && <Months data={data} />}
    >
      {data && <Month data={data} />}
    </Section>
  );
}

function Months({ data: { month, first, last, today } }: { readonly data: CalendarData }) {
  const present = today.slice(0, 7);
  const latest = last === null || last < present ? present : last;
  const button = (months: number, text: string, label: string, isEnd: boolean) => (
    <button
      type="button"
      aria-label={label}
      disabled={isEnd}
      onClick={() => setQuery({ month: monthAfter(month, months) })}
    >
      {text}
    </button>
  );
  return (
    <span class="months">
      {button(-1, "‹", "The month before", month <= (first ?? present))}
      <span>{month}</span>
      {button(1, "›", "The month after", month >= latest)}
    </span>
  );
}

function monthAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function Month({ data: { month, days, quote, today } }: { readonly data: CalendarData }) {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const before = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const known = new Map(days.map((each) => [each.day, each]));
  const total = days.reduce((sum, { pnl }) => sum + pnl, 0);
  return (
    <>
      <div class="calendar">
        {weekdays.map((name) => (
          <span key={name} class="weekday">
            {name}
          </span>
        ))}
        {Array.from({ length }, (_, index) => {
          const day = `${month}-${String(index + 1).padStart(2, "0")}`;
          const place = index === 0 ? { gridColumnStart: before + 1 } : {};
          return (
            <Day key={day} day={day} of={known.get(day)} isToday={day === today} place={place} />
          );
        })}
      </div>
      <p class="note">
        {signed(total)} {quote} in {month}, trades closed:{" "}
        {days.reduce((sum, { trades }) => sum + trades, 0)}
      </p>
    </>
  );
}

interface DayProps {
  readonly day: string;
  readonly of: CalendarData["days"][number] | undefined;
  readonly isToday: boolean;
  readonly place: { readonly gridColumnStart?: number };
}

function Day({ day, of, isToday, place }: DayProps) {
  const number = Number(day.slice(8));
  const here = isToday ? " today" : "";
  if (!of) {
    return (
      <span class={`day${here}`} style={place}>
        <span class="day-number">{number}</span>
      </span>
    );
  }
  const tone = of.pnl > 0 ? "gain" : of.pnl < 0 ? "loss" : "";
  return (
    <a
      class={`day ${tone}${here}`}
      style={place}
      href={`/trades?day=${day}`}
      aria-label={`${day}: ${signed(of.pnl)}, ${of.trades} trades`}
    >
      <span class="day-number">{number}</span>
      <span>{short(of.pnl)}</span>
    </a>
  );
}
