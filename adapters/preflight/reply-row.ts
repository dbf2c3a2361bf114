import type { Reply } from "../../actors/order/ports.ts";
import type { Found } from "./row.ts";

const signs = /invalid (key|signature)|unauthorized|authentication/i;
const nonce = /nonce/i;
const locked = /user locked|suspended/i;
const rights = /permission/i;

/** What to do about an answer that is not a clear yes, and whether it may pass by itself. */
export function notConfirmed(
  action: string,
  venue: string,
  reply: Exclude<Reply<unknown>, { readonly type: "confirmed" }>,
): Found {
  const said = reply.type === "refused" ? reply.text : reply.cause;
  const text = `Cannot ${action}: ${venue} says "${said}"`;
  const found = (cure: string, isTransient = false): Found => ({
    severity: "critical",
    text,
    cure,
    isTransient,
  });
  if (nonce.test(said)) {
    return found(
      "See that no other program uses this key, and that the clock did not go back; " +
        "give the desk a key of its own",
    );
  }
  if (signs.test(said)) {
    return found(
      "The key or its secret is wrong, or was deleted: copy both whole from the venue, " +
        "and see that key and venue belong together",
    );
  }
  if (rights.test(said)) {
    return found(
      "Give the key the rights to read balances and orders and to place and cancel orders",
    );
  }
  if (locked.test(said)) return found("See with the venue why the account is locked");
  if (reply.type === "refused") return found("See what the venue says, and correct it there");
  return {
    severity: "critical",
    text: `Cannot ${action}: no answer of ${venue} that counts: ${said}`,
    cure: "See the network and the venue's status page; the desk goes on asking",
    isTransient: true,
  };
}
