/** How the page writes numbers and times: one way, everywhere. */

/** Digits after the point of a coin's amounts where they are read by people. */
const digitsOf = (coin: string): number => (/^(USD|EUR|USDT|USDC|GBP)$/.test(coin) ? 2 : 8);

/** An amount with its coin: `1,234.50 USD`. */
export function money(amount: string | number, coin: string): string {
  return `${plain(amount, digitsOf(coin))} ${coin}`;
}

/** A number with thousands apart; at most `digits` after the point. */
export function plain(value: string | number, digits = 2, least = 0): string {
  return Number(value).toLocaleString("en-US", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Math.min(least, digits),
  });
}

/** A share as percent: `−1.25 %`. */
export function percent(share: number, digits = 2): string {
  const text = (share * 100).toFixed(digits).replace("-", "−");
  return `${text} %`;
}

/** A number with its sign, so that gain and loss do not differ by colour alone. */
export function signed(value: string | number, digits = 2): string {
  const number = Number(value);
  const sign = number > 0 ? "+" : number < 0 ? "−" : "";
  return `${sign}${plain(Math.abs(number), digits)}`;
}

/** A number with its sign where there is little room: `+1.2K`. */
export function short(value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  const digits = Math.abs(value) < 10 ? 1 : 0;
  const figure = Math.abs(value).toLocaleString("en-US", {
    notation: "compact",
    maximumFractionDigits: Math.abs(value) >= 1_000 ? 1 : digits,
  });
  return sign + figure;
}

/** A moment, UTC: `2026-01-31 12:00:05`. */
export function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** A span in its two largest units: `3 h 5 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
