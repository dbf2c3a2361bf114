/** What live systems were reported with, each played as a scenario. */
import { in_, type TrapGroup } from "./traps.ts";

const matrix = in_("test/conformance/faults.test.ts");
const others = in_("test/conformance/others-faults.test.ts");
const wire = in_("test/conformance/wire-orders.test.ts");
const gateway = in_("actors/order/gateway.test.ts");
const orderLife = in_("machines/order.life.test.ts");
const lookUp = in_("adapters/venues/ccxt/look-up.test.ts");

/** Faults of others, in the order of the page. */
export const reported: TrapGroup = {
  title: "What others got wrong",
  traps: [
    {
      trap: "an order whose submit timed out was declared rejected, and was live",
      without: [],
      cured: matrix(
        "%s ends in the venue's own truth",
        "stays unknown, and is not sent again",
        "is told to the operator",
      ),
      note: "a scenario: every fault of the registry against submit, at both venues",
    },
    {
      trap: "a network error was counted as not found, and the order dropped",
      without: [],
      cured: [
        ...gateway("is absent for no reply but one that is sound, empty and asked for late enough"),
        ...lookUp("refused by one source is unknown: no evidence of anything"),
        ...matrix("is settled by the first sound answer, to what the venue has"),
      ],
    },
    {
      trap: "a stop was placed again after its position had closed, or left at the venue",
      without: [],
      cured: others(
        "leaves no stop at the venue, though its cancel met %s",
        "is sold once, though its sale met %s, and no stop is placed after it",
        "by its stop while it is cancelled for an exit sells nothing twice",
      ),
    },
    {
      trap: "a failed fetch was read as a flat account, and the desk bought again",
      without: [],
      cured: others(
        "that meets %s is not an account without orders and coins: nothing is done for it",
      ),
    },
    {
      trap: "reconciliation made up fills, with new ids at each run",
      without: [],
      cured: [
        ...others("however often it is repeated, books no fill again and makes none up"),
        ...matrix("fills that are not listed yet are asked for until they are booked"),
      ],
    },
    {
      trap: "a refused cancel was read as a living order, thousands of times",
      without: [],
      cured: [
        ...others("a cancel that is refused again and again is asked in measure"),
        ...orderLife("refused again and again is asked only after a pause"),
      ],
    },
    {
      trap: "a halt was forgotten at restart",
      without: [],
      cured: [
        ...in_("test/acceptance/operator.test.ts")(
          "pause stays on over SIGKILL and restart, until resume, and nothing is entered",
          "halt cancels a working entry",
        ),
        ...in_("actors/desk/brakes.test.ts")("keeps protective stops, and re-sizes them"),
      ],
    },
    {
      trap: "an exit or a stop filled, and nobody reported it",
      without: [],
      cured: wire("that filled while its reports were lost is found, looking unasked"),
    },
    {
      trap: "a venue that takes nothing for a moment used up every try to protect",
      without: [],
      cured: [
        ...wire("that the venue takes none of for a moment follows when it does"),
        ...in_("machines/position.protection.test.ts")(
          "for %p is placed again after a pause that doubles",
        ),
      ],
    },
    {
      trap: "memory grew by gigabytes an hour",
      without: [],
      cured: in_("test/soak/memory.test.ts")(
        "a desk's collections, queues and tables stay bounded over days",
      ),
    },
    {
      trap: "live did not match backtest, and nobody could say why",
      without: [],
      cured: in_("test/acceptance/first-trade.test.ts")(
        "until a time and then to the end comes to what one go does",
      ),
      note: "one code path under another clock; a day through a rehearsal venue is compared apart",
    },
  ],
};
