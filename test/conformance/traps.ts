/** The measured traps, and the tests that hold their cures: the documentation is made of this. */

/** A test by its file and the name that stands there, `%s` included where rows fill it. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

export interface Trap {
  readonly trap: string;
  /** What happens without the cure: a test that fails when a new version heals it. */
  readonly without: readonly NamedTest[];
  /** What the cure does. */
  readonly cured: readonly NamedTest[];
  /** Where one of both is not tested: why there is nothing to test. */
  readonly note?: string;
}

export interface TrapGroup {
  readonly title: string;
  readonly traps: readonly Trap[];
}

/** Tests of one file, by name. */
export const in_ =
  (file: string) =>
  (...names: readonly string[]): readonly NamedTest[] =>
    names.map((name) => ({ file, name }));

const requests = in_("adapters/venues/ccxt/traps-requests.test.ts");
const replies = in_("adapters/venues/ccxt/traps-replies.test.ts");
const lookUp = in_("adapters/venues/ccxt/look-up.test.ts");
const classified = in_("adapters/venues/ccxt/classification.test.ts");
const faults = in_("adapters/venues/ccxt/faults.test.ts");
const sent = in_("adapters/venues/ccxt/requests.test.ts");
const traffic = in_("adapters/venues/ccxt/traffic.test.ts");
const limits = in_("adapters/venues/ccxt/limiter.test.ts");
const nonce = in_("adapters/venues/ccxt/nonce.test.ts");
const plainStreams = in_("adapters/venues/rehearsal/stream-traps.test.ts");
const connection = in_("adapters/venues/streams/connection.test.ts");
const krakenPrivate = in_("adapters/venues/streams/kraken-private-stream.test.ts");
const krakenGaps = in_("adapters/venues/streams/kraken-private-gaps.test.ts");
const coinbasePrivate = in_("adapters/venues/streams/coinbase-private-stream.test.ts");
const krakenMarket = in_("adapters/venues/streams/kraken-market.test.ts");
const coinbaseMarket = in_("adapters/venues/streams/coinbase-market.test.ts");
const bars = in_("adapters/venues/streams/live-bars.test.ts");
const rehearsed = in_("adapters/venues/streams/rehearsed.test.ts");
const wire = in_("test/conformance/wire-orders.test.ts");
const cases = in_("test/conformance/order-cases.ts");
const chase = in_("test/conformance/chase-cases.ts");
const gateway = in_("actors/order/gateway.test.ts");

const clientIds: TrapGroup = {
  title: "Client order ids",
  traps: [
    {
      trap: "ccxt drops Coinbase's client id and sends one of its own",
      without: requests("ccxt drops coinbase's clientOrderId and sends one of its own"),
      cured: requests("the adapter sends ours"),
    },
    {
      trap: "ccxt asks Kraken for a client id as a userref, and does not find what exists",
      without: requests(
        "ccxt asks kraken for a client id as a userref, and does not find what exists",
      ),
      cured: requests("the adapter finds it"),
    },
    {
      trap: "Coinbase cannot be asked by client id",
      without: [],
      cured: lookUp(
        "at coinbase pages through the list until the id is found, and asks for its fills",
      ),
      note: "the venue's own interface: there is no other way to switch to",
    },
    {
      trap: "a client id is unique among open orders only: used again, it places a second order",
      without: requests(
        "two orders under one repeated id are both told: the look-up stays unclear",
      ),
      cured: gateway("of two orders that both match is unclear"),
    },
    {
      trap: "ccxt makes up a client id for Binance.US where none is given",
      without: requests(
        "ccxt makes up a client id where none is given; the adapter sends nothing then",
      ),
      cured: requests(
        "ccxt makes up a client id where none is given; the adapter sends nothing then",
      ),
    },
  ],
};

const stops: TrapGroup = {
  title: "Stops that become plain orders",
  traps: [
    {
      trap: "Kraken: triggerPrice with a market order is a plain market order",
      without: requests(
        "ccxt sends a kraken market order with triggerPrice as a plain market order",
      ),
      cured: requests("the adapter sends a stop"),
    },
    {
      trap: "Coinbase: a sell with triggerPrice gets the direction of a take-profit",
      without: requests(
        "ccxt gives a coinbase sell with triggerPrice the direction of a take-profit",
      ),
      cured: requests("the adapter gives it that of a stop"),
    },
    {
      trap: "unknown parameters pass in silence; another venue's dry run is a live order",
      without: requests("ccxt passes %s on to kraken in silence, as a live order"),
      cured: requests("the adapter does not send %s", "the adapter has no way to %s"),
    },
    {
      trap: "quantities off the grid are cut: another order than was asked for",
      without: requests("ccxt cuts them and places another order than was asked for"),
      cured: requests("the adapter sends what was asked for, and lets the venue refuse it"),
    },
    {
      trap: "Kraken: an amendment that does not say post_only may take",
      without: sent("amend at kraken of a post-only order (%p) to %p says post_only %p"),
      cured: chase(
        "a post-only order that is moved across the market is refused, and stays where it was",
      ),
    },
    {
      trap: "Coinbase has no stop at market: a gap passes its stop-limit",
      without: cases("a stop-limit that a gap jumps over lives on, unfilled"),
      cured: wire("that a gap jumps over sells at market, and the books are the venue's"),
    },
  ],
};

const failures: TrapGroup = {
  title: "Failures read as success",
  traps: [
    {
      trap: "HTTP 523 and 524, HTML, an empty body, cut JSON, an empty result raise no error",
      without: replies(
        "ccxt takes %s for an order without an id",
        "ccxt takes %s for no open orders",
        "ccxt takes %s for an order that does not exist",
      ),
      cured: replies("the adapter takes %s for unknown, each time"),
    },
    {
      trap: "a body cut after the headers leaks an error that is not ccxt's",
      without: replies("ccxt lets a body cut by a close out as an error that is not its own"),
      cured: replies("the adapter makes a network error of it"),
    },
    {
      trap: "a body that stalls never times out",
      without: replies("ccxt waits for a stalled body past its time-out; the adapter does not"),
      cured: replies("ccxt waits for a stalled body past its time-out; the adapter does not"),
    },
    {
      trap: "error classes do not say whether a request was refused",
      without: classified('%s saying "%s" is ccxt\'s %s'),
      cured: classified(
        '%s saying "%s" is %s',
        "no row refuses what ccxt calls an OperationFailed",
        "%s saying what is not listed is unknown, and noticed",
      ),
    },
    {
      trap: "Coinbase's 500 and 503 with a JSON error look definitive",
      without: [],
      cured: classified("a refusal's words with HTTP 500 are unknown: the venue did not mean them"),
      note: "ccxt has no third answer to show: what it raises is the row above",
    },
    {
      trap: "refused and reset connections cannot be told apart",
      without: [],
      cured: faults(
        "nothing listening is unknown: refused and reset connections cannot be told apart",
      ),
      note: "both are one error of the runtime: nothing to switch off",
    },
  ],
};

const sending: TrapGroup = {
  title: "Retries, nonces, limits",
  traps: [
    {
      trap: "ccxt's retries send an order of unknown fate again",
      without: replies("ccxt with retries sends an order of unknown fate again"),
      cured: replies("the adapter sends it to %s once, after %p"),
    },
    {
      trap: "Bun sends a DELETE again on a reused connection that drops",
      without: replies("Bun sends a %s whose reused connection drops %d times in all"),
      cured: replies(
        "the adapter cancels by DELETE on a connection of its own, once",
        "Bun is not older than the one this was measured on",
      ),
    },
    {
      trap: "Kraken calls of one millisecond have one nonce",
      without: replies("ccxt gives kraken calls of one millisecond one nonce"),
      cured: [
        ...replies("the adapter gives each its own, above the last"),
        ...traffic("carry strictly rising nonces at kraken, though the clock stands still"),
      ],
    },
    {
      trap: "a clock that was set back leaves every nonce below the last one",
      without: nonce("without the cure has every private call refused until it has caught up"),
      cured: nonce(
        "by %s is caught up with by the first read, and orders follow",
        "does not have an order sent twice: it is unknown, looked up, and absent",
      ),
    },
    {
      trap: "ccxt's limiter is one queue: an order waits behind market data",
      without: replies("ccxt sends an order after every market data call asked for before it"),
      cured: [
        ...replies("the adapter does not: market data has an instance and a lane of its own"),
        ...traffic("a cancel behind a queue of reads is the next request that goes out"),
      ],
    },
    {
      trap: "Kraken's matching engine has limits of its own, which ccxt does not count",
      without: [],
      cured: limits("of kraken are those of the tier", "counts each symbol for itself"),
      note: "ccxt's limiter is off: what it leaves out is in no path",
    },
    {
      trap: "a failed load of markets is remembered for ever",
      without: requests("ccxt remembers a failed load of markets for ever"),
      cured: requests("the adapter asks again"),
    },
    {
      trap: "Coinbase keys in PKCS8 or with literal line ends cannot sign",
      without: requests("ccxt cannot sign with a coinbase key in %s; the adapter converts it"),
      cured: requests("ccxt cannot sign with a coinbase key in %s; the adapter converts it"),
    },
  ],
};

const streams: TrapGroup = {
  title: "Streams",
  traps: [
    {
      trap: "a second timeframe of one symbol gets the first one's candles; none says it is closed",
      without: plainStreams("give a second timeframe of one symbol the first one's candles"),
      cured: bars("are made of prints and closed by the clock"),
    },
    {
      trap: "Kraken's orders come without their client id, cancels and partial fills get lost",
      without: plainStreams(
        "tell an order without the client id that it was sent with, and pass over a gap",
      ),
      cured: krakenPrivate(
        "tells an order's life: its fills by trade, its end by its own message",
        "reads every entry of a message that mixes kinds",
      ),
    },
    {
      trap: "a rejected subscription hangs for ever",
      without: [],
      cured: [
        ...krakenGaps("a refused subscription is told, and tried again"),
        ...coinbasePrivate("a refused subscription is told, and tried again"),
        ...connection("gives up a subscription without an answer"),
      ],
      note: "what never ends cannot be waited for; the cure's deadline is what is tested",
    },
    {
      trap: "who is busy when an event comes gets it only with the next one",
      without: [],
      cured: connection("loses no message while whoever handles them is busy"),
      note: "nothing rides on an await loop: messages are handed over as they come",
    },
    {
      trap: "on a drop the fills of the gap are lost without an error",
      without: [],
      cured: [
        ...krakenGaps("after a drop the snapshot brings what is new, and nothing twice"),
        ...rehearsed("no fill is lost or doubled, whatever befalls the stream"),
      ],
      note: "the fault matrix has the same with the stream left out altogether",
    },
    {
      trap: "the book's checksum is off by default",
      without: plainStreams("take a book whose checksum is wrong"),
      cured: krakenMarket("drops a book whose checksum is wrong, and begins that symbol anew"),
    },
    {
      trap: "sequence numbers are never checked",
      without: plainStreams(
        "tell an order without the client id that it was sent with, and pass over a gap",
      ),
      cured: [
        ...krakenGaps(
          "a hole in the sequence is a gap: its fill counts, and a new connection is made",
        ),
        ...coinbasePrivate("a hole in the connection's numbers, in whatever channel, is a gap"),
        ...coinbaseMarket("a hole in the numbers begins everything anew on another connection"),
      ],
    },
    {
      trap: "a connect time-out ends the process",
      without: plainStreams("end the process where a server takes the line and never answers"),
      cured: connection("gives a server up that takes the line and never answers"),
    },
    {
      trap: "Binance.US: private streams connect to binance.com with the key",
      without: [],
      cured: [],
      note: "no private stream of Binance.US is used: its orders are looked up by REST",
    },
    {
      trap: "a proxy for streams is bypassed in silence",
      without: [],
      cured: [],
      note: "no proxy can be configured",
    },
  ],
};

/** Every measured trap, in the order of the page. */
export const trapGroups: readonly TrapGroup[] = [...[clientIds, stops, failures, sending, streams]];
