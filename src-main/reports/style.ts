// The style sheet of the HTML report: light and dark by preference, and a plain page when printed.
export const style = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b2430; --muted: #566173; --line: #d9dde3; --raised: #f4f5f7;
  --good: #17713c; --bad: #b3261e; --warn: #8a5300; --accent: #0b5cad;
  --s1: #2f6fb7; --s2: #c05a1c; --s3: #2c8a63; --s4: #8d4fa8; --s5: #a8862a; --s6: #5b6b80; }
@media (prefers-color-scheme: dark) { :root { --ground: #161b21; --text: #e6eaf0; --muted: #a3afbe; --line: #333d49;
  --raised: #202832; --good: #6fce93; --bad: #ff9088; --warn: #f0b95c; --accent: #6db3f8;
  --s1: #6ba7e8; --s2: #ee935a; --s3: #5fc498; --s4: #c48fdd; --s5: #d6b660; --s6: #9aa8ba; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 980px; padding: 24px; background: var(--ground); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 36px 0 8px; padding-top: 12px; border-top: 2px solid var(--line); }
h3 { font-size: 15px; margin: 22px 0 6px; } h3 .muted { font-weight: 400; }
p { margin: 4px 0; } figure { margin: 0 0 8px; }
a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; margin: 6px 0; }
th, td { padding: 4px 8px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: baseline; }
thead th { color: var(--muted); font-size: 12.5px; }
tbody th { font-weight: 400; }
.number { text-align: right; white-space: nowrap; }
code { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12px; overflow-wrap: anywhere; }
.muted { color: var(--muted); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
h1, h2, p, li, .warn, .notes { overflow-wrap: anywhere; }
.big { font-size: 17px; font-weight: 600; }
.kind { font-size: 11.5px; padding: 0 6px; border: 1px solid currentColor; border-radius: 9px; white-space: nowrap; font-weight: 400; }
.measured { color: var(--good); } .simulated { color: var(--accent); } .estimated { color: var(--warn); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); gap: 0 28px; }
.wide { overflow-x: auto; } thead .number { white-space: normal; vertical-align: bottom; } .wide tbody th { min-width: 9em; } .confusion tbody th { min-width: 0; }
.confusion { width: auto; } .confusion td { text-align: right; background: var(--raised); border: 1px solid var(--ground); }
.confusion td.right { font-weight: 600; color: var(--good); } .confusion td.wrong { color: var(--bad); }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--muted); }
.grid { stroke: var(--line); } .front { fill: none; stroke: var(--muted); stroke-dasharray: 4 3; }
svg rect, svg circle { stroke: var(--ground); stroke-width: 0.5; }
.s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); } .s4 { fill: var(--s4); } .s5 { fill: var(--s5); } .s6 { fill: var(--s6); }
.dot { width: 10px; height: 10px; vertical-align: -1px; margin-right: 4px; }
@media (max-width: 820px) { body { padding: 14px; font-size: 13px; } h1 { font-size: 20px; } th, td { padding: 4px 5px; }
  .wide tbody th { min-width: 7em; } .columns { grid-template-columns: minmax(0, 1fr); } }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 11px; } h2 { break-before: page; }
  h2:first-of-type { break-before: auto; } table, svg, figure { break-inside: avoid; } }
`
