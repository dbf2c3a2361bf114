/** The one live page of the first desk: status, equity and the latest decisions, read-only. */
export const livePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Novactor</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/live.css">
</head>
<body>
<header>
  <strong id="mode">…</strong>
  <span id="market">connecting</span>
  <span id="state" class="tag">…</span>
  <span id="age" role="status"></span>
</header>
<main>
  <section class="tiles" aria-label="Key figures">
    <div><h2>Equity</h2><p id="equity">–</p></div>
    <div><h2>Trades</h2><p id="trades">–</p></div>
    <div><h2>Fills</h2><p id="fills">–</p></div>
    <div><h2>Decisions</h2><p id="decisions">–</p></div>
    <div><h2>Desk time</h2><p id="time">–</p></div>
  </section>
  <section>
    <h2>Equity</h2>
    <svg id="chart" viewBox="0 0 800 160" preserveAspectRatio="none" role="img" aria-label="Equity curve"><polyline id="curve" points=""></polyline></svg>
    <p id="range" class="note">no equity yet</p>
  </section>
  <section id="accountsSection" hidden>
    <h2>Accounts</h2>
    <div class="wide"><table><thead><tr><th>Account</th><th>State</th><th class="number">Equity</th><th>Un&shy;managed</th><th class="number">Foreign orders</th></tr></thead><tbody id="accounts"></tbody></table></div>
  </section>
  <section id="brakesSection" hidden><h2>Brakes</h2><ul id="brakes"></ul></section>
  <section>
    <h2>Open positions</h2>
    <div class="wide"><table><thead><tr><th>Position</th><th>State</th><th class="number">Quantity</th></tr></thead><tbody id="positions"></tbody></table></div>
  </section>
  <section>
    <h2>Latest decisions</h2>
    <div class="wide"><table><thead><tr><th>Time (UTC)</th><th>Symbol</th><th>Decision</th><th>Stopped by</th></tr></thead><tbody id="latest"></tbody></table></div>
  </section>
</main>
<footer>Read-only. Commands: <code>novactor pause | resume | flatten | halt</code></footer>
<script src="/live.js" defer></script>
</body>
</html>
`;

export const livePageStyle = `
:root { color-scheme: dark light; --ink: #e6e9ef; --dim: #9aa4b5; --ground: #11141a; --card: #1a1f29; --line: #2c3444; --good: #4cc38a; --warn: #ffb224; }
@media (prefers-color-scheme: light) { :root { --ink: #1b2230; --dim: #5b6678; --ground: #f5f6f8; --card: #ffffff; --line: #d9dee7; --good: #18794e; --warn: #ad5700; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 10px 16px; border-bottom: 1px solid var(--line); background: var(--card); position: sticky; top: 0; }
#mode { background: var(--good); color: var(--ground); padding: 2px 10px; border-radius: 4px; letter-spacing: .06em; }
#market { color: var(--dim); }
#age { margin-left: auto; color: var(--dim); }
.tag { border: 1px solid var(--line); border-radius: 4px; padding: 1px 8px; }
.tag.braked, .tag.reconciling { color: var(--warn); border-color: var(--warn); }
main { max-width: 1080px; margin: 0 auto; padding: 16px; }
section { margin-bottom: 24px; }
h2 { font-size: 13px; font-weight: 600; color: var(--dim); margin: 0 0 6px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; }
.tiles p { margin: 0; font-size: 18px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
svg { width: 100%; height: 160px; background: var(--card); border: 1px solid var(--line); border-radius: 6px; display: block; }
polyline { fill: none; stroke: var(--good); stroke-width: 2; vector-effect: non-scaling-stroke; }
.note { color: var(--dim); margin: 4px 0 0; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
@media (max-width: 600px) { table { font-size: 13px; } th, td { padding-right: 6px; } .tiles { grid-template-columns: 1fr 1fr; } .tiles p { font-size: 15px; } }
.wide { overflow-x: auto; }
th:last-child, td:last-child { padding-right: 0; }
.long { overflow-wrap: anywhere; min-width: 5em; }
th { color: var(--dim); font-weight: 600; font-size: 13px; }
.number { text-align: right; }
.trade { color: var(--good); font-weight: 600; }
body.stale main { opacity: .45; }
footer { color: var(--dim); padding: 0 16px 24px; max-width: 1080px; margin: 0 auto; }
ul { margin: 0; padding-left: 20px; color: var(--warn); overflow-wrap: anywhere; }
.warn { color: var(--warn); }
`;

export const livePageScript = `
const el = (id) => document.getElementById(id);
const set = (id, text) => { el(id).textContent = text; };
const time = (at) => new Date(at).toISOString().slice(0, 19).replace("T", " ");
let last = 0;
// Names are long: a line may end after a part of one.
function breakable(text) {
  const parts = text.split(/(?<=[:/])(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])/);
  return parts.flatMap((part, index) => (index === 0 ? [part] : [document.createElement("wbr"), part]));
}
function rows(id, items, none) {
  const body = el(id);
  body.replaceChildren();
  for (const cells of items.length > 0 ? items : [[none]]) {
    const row = document.createElement("tr");
    for (const [index, cell] of cells.entries()) {
      const td = document.createElement("td");
      td.append(...breakable(typeof cell === "string" ? cell : cell.text));
      if (typeof cell !== "string") td.className = cell.className;
      if (cells.length === 1 && index === 0) td.colSpan = 5;
      row.append(td);
    }
    body.append(row);
  }
}
function draw(points) {
  if (points.length < 2) return;
  const values = points.map((point) => point[1]);
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const x = (index) => (index / (points.length - 1)) * 800;
  const y = (value) => 150 - ((value - low) / span) * 140;
  el("curve").setAttribute("points", values.map((value, index) => x(index).toFixed(1) + "," + y(value).toFixed(1)).join(" "));
  set("range", time(points[0][0]) + " to " + time(points.at(-1)[0]) + " UTC, low " + low.toFixed(2) + ", high " + high.toFixed(2));
}
const coin = (amount, quote) => Number(amount).toLocaleString("en-US", { maximumFractionDigits: quote === "BTC" ? 8 : 2 }) + " " + quote;
function accountCells(each) {
  const unmanaged = each.coins.filter((one) => Number(one.unmanaged) !== 0).map((one) => one.unmanaged + " " + one.coin);
  const state = each.state + (each.unreadable ? ", unread" : "");
  return [
    each.account,
    { text: state, className: state === "reconciled" ? "" : "warn" },
    { text: coin(each.equity, each.quote), className: "number" },
    { text: unmanaged.join(", ") || "none", className: "long" },
    { text: String(each.foreignOrders.length), className: "number" },
  ];
}
async function read(path) {
  const reply = await fetch(path, { cache: "no-store" });
  if (!reply.ok) throw new Error(path + ": " + reply.status);
  return reply.json();
}
async function refresh() {
  try {
    const [status, decisions, equity] = await Promise.all([read("/api/v1/status"), read("/api/v1/decisions"), read("/api/v1/equity")]);
    last = Date.now();
    set("mode", status.mode.toUpperCase());
    set("market", status.market);
    set("state", status.state);
    el("state").className = "tag " + status.state;
    set("equity", coin(status.equity, status.quote));
    el("accountsSection").hidden = status.accounts.length < 2;
    rows("accounts", status.accounts.map(accountCells), "none");
    set("trades", status.counts.trades.toLocaleString("en-US"));
    set("fills", status.counts.fills.toLocaleString("en-US"));
    set("decisions", status.counts.decisions.toLocaleString("en-US"));
    set("time", time(status.at));
    rows("positions", status.positions.map((each) => [each.positionId, each.state, { text: each.quantity, className: "number" }]), "none");
    rows("latest", decisions.decisions.map((each) => [time(each.at).slice(11), each.symbol, { text: each.code, className: each.outcome === "trade" ? "trade" : "" }, { text: each.gate ? each.gate.name + " " + each.gate.value + " (wanted " + each.gate.limit + ")" : "", className: "long" }]), "none yet");
    el("brakesSection").hidden = status.brakes.length === 0;
    el("brakes").replaceChildren(...status.brakes.map((brake) => { const li = document.createElement("li"); li.textContent = brake.brakeId + ": " + brake.reason + " (released by " + brake.releasedBy + ")"; return li; }));
    draw(equity.points);
  } catch (error) {
    set("state", "no answer");
  }
}
setInterval(() => {
  const age = last ? Math.round((Date.now() - last) / 1000) : null;
  set("age", age === null ? "no data yet" : "updated " + age + " s ago");
  document.body.classList.toggle("stale", age === null || age > 5);
}, 500);
setInterval(refresh, 1000);
refresh();
`;
