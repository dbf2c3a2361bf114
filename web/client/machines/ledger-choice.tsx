import { useView } from "../live.ts";
import { query, setQuery } from "../router.ts";

/** The ledger that the address names, where it is not the desk's own. */
export const ledgerAsked = () => query.value.get("ledger") ?? undefined;

/** Chooses the ledger that is looked into: the running desk's own, or another one. */
export function LedgerChoice() {
  const { data } = useView("GET /api/v1/ledgers", {}, () => false);
  const chosen = ledgerAsked();
  const others = (data?.ledgers ?? []).filter(({ isOwn }) => !isOwn);
  if (others.length === 0 && !chosen) return null;
  return (
    <label class="ledger-choice">
      <span class="note">Ledger</span>{" "}
      <select
        value={chosen ?? ""}
        onChange={({ currentTarget }) =>
          setQuery({ ledger: currentTarget.value, seq: null, step: null, before: null })
        }
      >
        <option value="">this desk's own</option>
        {chosen && !others.some(({ name }) => name === chosen) && <option>{chosen}</option>}
        {others.map(({ name, bytes }) => (
          <option key={name} value={name}>
            {name} ({(bytes / 1e6).toFixed(1)} MB)
          </option>
        ))}
      </select>
    </label>
  );
}
