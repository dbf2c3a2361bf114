import type { Answer } from "../api.ts";
import { useView } from "../live.ts";
import { Empty, Section } from "../parts/layout.tsx";
import { moment } from "../parts/words.ts";
import { query } from "../router.ts";
import { Field } from "./fields.tsx";
import { IndexNote, useIndexed } from "./indexed.tsx";
import { LedgerChoice, ledgerAsked } from "./ledger-choice.tsx";
import { eventWords, kindIn, linkTo, linkToActor } from "./words.ts";

type Message = Answer<"GET /api/v1/sequences/:correlation">["messages"][number];

/** Pixels: the column of times, and between two lifelines; less of both on a phone. */
const wide = { gutter: 104, apart: 150 };
const narrow = { gutter: 62, apart: 104 };
const phonePx = 700;
const rowHeight = 38;
const perCharacter = 6.7;
const outside = "outside";

/** What the actors of one position said to each other, from the signal to the ledger. */
export function Sequence({ correlation }: { readonly correlation: string }) {
  const ledger = ledgerAsked();
  const { data, error, readAt } = useIndexed(
    useView(
      "GET /api/v1/sequences/:correlation",
      { params: { correlation }, query: { ledger } },
      (entry) =>
        ledger === undefined &&
        (entry.correlation === correlation ||
          entry.actors.some((actor) => actor.includes(correlation))),
    ),
  );
  const wanted = (query.value.get("event") ?? "").toLowerCase();
  const messages = (data?.messages ?? []).filter(({ from, to, event, effect }) =>
    [from ?? outside, to, event, eventWords(event), effect]
      .join(" ")
      .toLowerCase()
      .includes(wanted),
  );
  const names = [outside, ...(data?.actors ?? [])];
  return (
    <Section title={`Sequence of ${correlation}`} {...{ readAt, error }} tools={<LedgerChoice />}>
      <search class="fields">
        <Field name="event" title="Event or actor" placeholder="order.fill" />
      </search>
      <p class="facts">
        <a href={linkTo("/machines", { ledger })}>All actors</a>
        {!ledger && <a href={`/trades/${encodeURIComponent(correlation)}`}>Trade</a>}
        <a href={linkTo("/journal", { ledger, correlation })}>Journal</a>
        <span class="note">
          {messages.length} messages{data?.isCut && ", the end is cut off"}
        </span>
      </p>
      <IndexNote indexed={data?.indexed} />
      {data && messages.length === 0 && <Empty>No message is like that</Empty>}
      {messages.length > 0 && <Diagram {...{ names, messages, ledger }} />}
    </Section>
  );
}

interface DiagramProps {
  readonly names: readonly string[];
  readonly messages: readonly Message[];
  readonly ledger: string | undefined;
}

function Diagram({ names, messages, ledger }: DiagramProps) {
  const isPhone = innerWidth < phonePx;
  const { gutter, apart } = isPhone ? narrow : wide;
  const lines = new Map(names.map((name, index) => [name, gutter + apart * (index + 0.5)]));
  const lineOf = (name: string | null) => lines.get(name ?? outside) ?? gutter;
  const words = messages.map(({ event, effect }) => `${eventWords(event)}  ${effect}`.length);
  const reach = messages.map(
    ({ from, to }, index) =>
      Math.min(lineOf(from), lineOf(to)) + 12 + (words[index] ?? 0) * perCharacter,
  );
  const width = Math.ceil(Math.max(gutter + apart * names.length, ...reach)) + 8;
  const height = messages.length * rowHeight + 10;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled by keyboard too
    <section class="sequence" tabIndex={0} aria-label="Messages in their order">
      <div class="lifelines" style={{ width: `${width}px`, paddingLeft: `${gutter}px` }}>
        {names.map((name) => (
          <span key={name} style={{ width: `${apart}px` }}>
            {name === outside ? (
              <b>{outside}</b>
            ) : (
              <a href={linkToActor(name, { ledger })} title={name}>
                <b>{kindIn(name)}</b>
                <span>{name.slice(kindIn(name).length + 1)}</span>
              </a>
            )}
          </span>
        ))}
      </div>
      <svg width={width} height={height} class="messages" aria-label="Messages">
        {[...lines].map(([name, x]) => (
          <path key={name} class="lifeline" d={`M${x} 0V${height}`} />
        ))}
        {messages.map((message, index) => (
          <Arrow
            key={`${message.seq}.${message.index}`}
            message={message}
            from={lineOf(message.from)}
            to={lineOf(message.to)}
            y={index * rowHeight + 26}
            ledger={ledger}
            isPhone={isPhone}
          />
        ))}
      </svg>
    </section>
  );
}

interface ArrowProps {
  readonly message: Message;
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly isPhone: boolean;
  readonly ledger: string | undefined;
}

function Arrow({ message, from, to, y, isPhone, ledger }: ArrowProps) {
  const { seq, index, at, event, effect, isIgnored } = message;
  const side = to > from ? -7 : 7;
  const start = Math.min(from, to) + 8;
  return (
    <g class={isIgnored ? "message ignored" : "message"}>
      <a href={linkTo(`/journal/${seq}`, { ledger })} aria-label={`Record ${seq}`}>
        <text class="when" x={4} y={y + 4}>
          {moment(at).slice(11)}
          {!isPhone && ` #${seq}`}
        </text>
      </a>
      {from === to ? (
        <path class="line" d={`M${from} ${y - 4}h18v8h-16`} />
      ) : (
        <path class="line" d={`M${from} ${y}H${to}`} />
      )}
      {from !== to && <path class="tip" d={`M${to} ${y}l${side} -4v8z`} />}
      <a
        href={linkToActor(message.to, { ledger, seq, step: index })}
        aria-label={`${message.from ?? outside} to ${message.to}: ${event}, ${effect}`}
      >
        <text class="words" x={start} y={y - 7}>
          {eventWords(event)}
          <tspan class="effect" dx={10}>
            {isIgnored ? "ignored" : effect}
          </tspan>
        </text>
      </a>
    </g>
  );
}
