/** The page's look: light and dark by the reader's setting, one column on a telephone. */
export const reportStyle = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #ffffff; --ink: #17202b;
  --soft: #5c6773; --rule: #dde2e8; --line: #1f6feb; --win: #1a7f4b; --loss: #c0392b; --mid: #9a6b00; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1217; --card: #161c24; --ink: #e4e9ef;
  --soft: #98a4b1; --rule: #2a323d; --line: #58a6ff; --win: #3fb97a; --loss: #ef6b5e; --mid: #d9a441; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 20px 16px 48px; }
header h1 { margin: 0 0 2px; font-size: 22px; overflow-wrap: anywhere; }
header p { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 28px 0 10px; }
.heads { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 10px; margin: 18px 0; }
.head, figure, .card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.head { padding: 10px 14px; }
.head b { display: block; font-size: 17px; font-variant-numeric: tabular-nums; }
.head span { color: var(--soft); font-size: 13px; }
.up { color: var(--win); } .down { color: var(--loss); }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; }
figure { margin: 0; padding: 12px 14px; min-width: 0; }
figure.wide, .charts > .wide { grid-column: 1 / -1; }
figcaption { font-weight: 600; margin-bottom: 8px; }
.plot { position: relative; padding-left: 92px; }
.plot svg { display: block; width: 100%; height: 200px; overflow: visible; }
.wide .plot svg { height: 260px; }
.scale { position: absolute; left: 0; top: 0; bottom: 0; width: 84px; display: flex;
  flex-direction: column; justify-content: space-between; text-align: right; margin: -8px 0; }
.scale, .below { color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.below { display: flex; justify-content: space-between; gap: 8px; margin: 6px 0 0 92px; }
.below.around { justify-content: space-around; }
.grid { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
.line { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line.equity { stroke: var(--line); } .fill.equity { fill: var(--line); }
.line.drawdown { stroke: var(--loss); } .fill.drawdown { fill: var(--loss); }
.line.exposure { stroke: var(--mid); } .fill.exposure { fill: var(--mid); }
.fill { opacity: 0.14; stroke: none; }
rect.win { fill: var(--win); } rect.loss { fill: var(--loss); }
.none { color: var(--soft); margin: 0; padding: 60px 0; text-align: center; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 14px; }
.card { padding: 12px 14px; min-width: 0; }
.card h3 { margin: 0 0 6px; font-size: 14px; }
dl { display: grid; grid-template-columns: auto 1fr; margin: 0; gap: 3px 14px; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
details { margin-top: 14px; } summary { cursor: pointer; font-weight: 600; }
.note { color: var(--soft); font-size: 13px; margin: 6px 0 0; }
@media (max-width: 760px) { .charts { grid-template-columns: 1fr; } main { padding: 14px 10px 32px; }
  .plot { padding-left: 78px; } .scale { width: 70px; font-size: 11px; } .below { margin-left: 78px;
  font-size: 11px; } .wide .plot svg { height: 200px; } .heads { grid-template-columns: 1fr 1fr; } }
`;
