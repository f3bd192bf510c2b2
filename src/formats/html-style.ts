/** The page's style: system fonts, light and dark by preference, one column down to 320 px, ink-saving in print. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b6470; --line: #d9dee4; --page: #fff; --box: #f5f7f9;
  --data: #2563c4; --bad: #b3261e; --warn: #8a5a00; --good: #1b6e3c; --added: #e3f5e8; --removed: #fde7e5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a0a9b4; --line: #353c44; --page: #14171a;
  --box: #1d2226; --data: #7fb0ff; --bad: #ff8f86; --warn: #f0c060; --good: #7fd6a0; --added: #16351f; --removed: #431d1b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: .25rem 0 .75rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 0 0 .25rem; }
h4 { font-size: .95rem; margin: 1rem 0 .25rem; }
p, ul, ol { margin: .4rem 0; } ul, ol { padding-left: 1.3rem; } li { margin: .3rem 0; }
.soft, figcaption, footer { color: var(--soft); font-size: .875rem; }
.verdict { display: inline-block; margin-right: .6rem; padding: 0 .55rem; border: 2px solid; border-radius: .35rem; white-space: nowrap; }
.leak { color: var(--bad); } .oom-risk { color: var(--warn); } .healthy { color: var(--good); } .undecided { color: var(--soft); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
pre { margin: .4rem 0; padding: .6rem .75rem; background: var(--box); border: 1px solid var(--line); border-radius: .35rem;
  overflow-x: auto; overflow-wrap: normal; white-space: pre; line-height: 1.45; }
pre code { font-size: 1em; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
.added, .removed, .file, .hunk { display: inline-block; min-width: 100%; }
.added { background: var(--added); } .removed { background: var(--removed); } .file, .hunk, .line { color: var(--soft); }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.facts { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .4rem 0; padding: 0; list-style: none; } .facts li { margin: 0; }
details { margin-top: .9rem; } summary { cursor: pointer; font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; } .short, th { overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap; }
figure { margin: .5rem 0 1.5rem; }
.chart { display: grid; grid-template-columns: max-content 1fr; column-gap: .5rem; font-size: .8rem; color: var(--soft); padding-top: .6rem; }
.levels, .times { position: relative; white-space: nowrap; } .times { grid-column: 2; height: 1.5rem; }
.levels span, .times span { position: absolute; } .levels span { right: 0; transform: translateY(-50%); }
.levels i { visibility: hidden; font-style: normal; }
.times span { transform: translateX(-50%); top: .2rem; } .times span:first-child { transform: none; } .times span:last-child { transform: translateX(-100%); }
svg { display: block; width: 100%; height: 13rem; overflow: visible; }
svg * { vector-effect: non-scaling-stroke; fill: none; }
.grid { stroke: var(--line); stroke-width: 1; } .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 4; }
.life { stroke: var(--data); stroke-width: 2; stroke-linejoin: round; } .kill { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 2 3; }
.key { display: inline-block; margin-right: 1rem; } .sample { display: inline-block; width: 1.6rem; margin: 0 .35rem .25rem 0; border-top: 2px solid var(--data); }
.of-limit { border-top: 2px dashed var(--bad); } .of-kill { border-top: 2px dotted var(--bad); }
td.bar { width: 45%; vertical-align: middle; } .bar svg { height: .8rem; } .bar rect { fill: var(--data); }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .5rem; }
@media (max-width: 30rem) { main { padding: .75rem .75rem 2rem; } h1 { font-size: 1.25rem; } article { padding: .75rem; }
  th, td { padding-right: .5rem; } svg { height: 10rem; } td.bar { width: 20%; } td:first-child { min-width: 5.5rem; } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --box: #fff; --data: #000; --bad: #a00; --added: #fff; --removed: #fff; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .added { font-weight: 600; } .removed { text-decoration: line-through; }
  h2, h3, h4 { break-after: avoid; } figure, pre, tr { break-inside: avoid; } }
`;
