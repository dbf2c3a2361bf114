/**
 * Opens a ledger as a user without privileges, for whom rights on files count, and prints the
 * error's name and code as JSON, or `{"name":"open"}`.
 */
import { Ledger } from "./ledger.ts";

const nobody = 65_534;

if (import.meta.main) {
  const [path = ""] = process.argv.slice(2);
  if (process.getuid?.() === 0) process.setuid?.(nobody);
  let said: { name: string; code?: unknown } = { name: "open" };
  try {
    new Ledger(path).close();
  } catch (error) {
    const { name, code } = error as Error & { code?: unknown };
    said = { name, code };
  }
  console.log(JSON.stringify(said));
}
