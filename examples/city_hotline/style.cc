// The page's style sheet: one column, quiet colours that hold in light, dark
// and print, and no width that a telephone of 360 pixels cannot show.
#include "report.h"

namespace city {

const char kStyle[] = R"css(
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c2430; --muted: #5a6472;
  --line: #dcdad3; --track: #efede7; --bar: #235f83; --other: #b4571d;
  --bad: #b4371d; --good: #2b6e4f; --rest: #ece8dd; --note: #fdf3d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181e; --card: #1b2129; --ink: #e7e9ec; --muted: #a3adba;
    --line: #353d48; --track: #262d37; --bar: #6fb0d6; --other: #e39a5f;
    --bad: #f0876b; --good: #7cc7a2; --rest: #242a33; --note: #3a331d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
        "Noto Sans", "PingFang TC", "Microsoft JhengHei", "Noto Sans TC",
        "Noto Sans CJK TC", sans-serif;
  overflow-wrap: break-word;
}
main, header, footer { max-width: 752px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 40px; }
h1 { font-size: 2rem; line-height: 1.15; margin: 0 0 4px;
     letter-spacing: -0.015em; }
h1 span, h2 span, h3 span { font-weight: 400; color: var(--muted);
                            word-break: keep-all; }
h1 span { display: block; font-size: .62em; letter-spacing: 0;
          margin-top: 4px; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 56px 0 4px;
     padding-top: 14px; border-top: 2px solid var(--ink); }
h3 { font-size: 1.02rem; line-height: 1.3; margin: 0 0 2px; }
p { margin: 0 0 10px; }
.lead { color: var(--muted); font-size: 1.05rem; }
.say { color: var(--muted); font-size: .92rem; margin-bottom: 12px; }
.note { background: var(--note); border-left: 4px solid var(--other);
        padding: 10px 14px; margin: 18px 0 0; font-size: .92rem; }
nav { margin: 14px 0 0; font-size: .92rem; }
nav a { margin-right: 14px; white-space: nowrap; }
a { color: var(--bar); }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0;
         margin: 26px 0 0; padding: 0; border-top: 1px solid var(--line);
         border-left: 1px solid var(--line); }
.tiles div { padding: 12px 14px; border-right: 1px solid var(--line);
             border-bottom: 1px solid var(--line); background: var(--card); }
.tiles dt { font-size: .8rem; color: var(--muted); line-height: 1.3; }
.tiles dd { margin: 2px 0 0; font-size: 1.45rem; font-weight: 650;
            letter-spacing: -0.01em; line-height: 1.2;
            font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: .78rem; font-weight: 400;
                  letter-spacing: 0; color: var(--muted); }
figure { margin: 26px 0 0; }
figcaption { margin: 0 0 8px; }
svg { display: block; width: 100%; height: auto; }
svg.narrow, div.narrow { display: none; max-width: 480px; }
svg.wide text, svg.narrow text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto,
           "Noto Sans", "PingFang TC", "Microsoft JhengHei", "Noto Sans TC",
           "Noto Sans CJK TC", sans-serif; fill: var(--ink); }
svg .axis { font-size: 11px; fill: var(--muted); }
svg .label { font-size: 13px; }
svg .label .zh { fill: var(--muted); font-size: 12px; }
svg .value { font-size: 12.5px; font-variant-numeric: tabular-nums; }
svg .mark { font-size: 11px; fill: var(--other); font-weight: 700; }
svg .bar { fill: var(--bar); }
svg .track { fill: var(--track); }
svg .rest { fill: var(--rest); }
svg .bad { fill: url(#hatch); stroke: var(--bad); stroke-width: 1; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .reach { stroke: var(--bar); stroke-width: 2; }
svg .other { stroke: var(--other); stroke-width: 2; fill: none; }
svg .halo { stroke: var(--paper); stroke-width: 5; fill: none; }
svg .dot { fill: var(--other); stroke: var(--paper); stroke-width: 1; }
table { width: 100%; border-collapse: collapse; margin: 12px 0 0;
        font-size: .86rem; line-height: 1.35; }
caption { text-align: left; color: var(--muted); font-size: .8rem;
          padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0;
         border-bottom: 1px solid var(--line); }
thead th { font-size: .78rem; color: var(--muted); font-weight: 600;
           vertical-align: bottom; border-bottom: 1px solid var(--muted); }
tbody th { font-weight: 500; }
th.n, td.n { text-align: right; padding-right: 0; padding-left: 10px;
             white-space: nowrap; font-variant-numeric: tabular-nums; }
thead th.n { white-space: normal; }
.zh { color: var(--muted); font-size: .92em; word-break: keep-all; }
details { margin: 10px 0 0; }
summary { color: var(--muted); font-size: .82rem; cursor: pointer;
          width: max-content; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--bar);
                                         outline-offset: 2px; }
details table { margin-top: 4px; }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums; }
.ill { font-size: .74rem; border: 1px solid var(--other); color: var(--other);
       border-radius: 3px; padding: 0 4px; white-space: nowrap; }
footer { margin: 56px auto 48px; color: var(--muted); font-size: .86rem; }
@media (max-width: 720px) {
  svg.wide, div.wide { display: none; }
  svg.narrow, div.narrow { display: block; }
}
@media (max-width: 560px) {
  header { padding-top: 24px; }
  h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .tiles dd { font-size: 1.25rem; }
  table { font-size: .8rem; }
  th.n, td.n { padding-left: 6px; }
  td.when { white-space: normal; }
  tbody th, td { overflow-wrap: anywhere; }
  table .zh { word-break: normal; }
  th.n, td.n { white-space: normal; }
  tbody td.n { min-width: 3.2em; overflow-wrap: normal; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --muted: #444;
          --line: #bbb; --track: #eee; --bar: #235f83; --other: #b4571d;
          --bad: #b4371d; --rest: #eee; --note: #fff; }
  @page { margin: 16mm 14mm; }
  body { font-size: 10.5pt; }
  header { padding-top: 0; }
  nav, summary { display: none; }
  details::details-content { content-visibility: visible;
                             block-size: auto; }
  svg.wide, div.wide { display: block; }
  svg.narrow, div.narrow { display: none; }
  h2 { margin-top: 26px; }
  h2, h3, figcaption { break-after: avoid; }
  caption { break-after: avoid; }
  svg, tr, table, figcaption, .tiles, .note { break-inside: avoid; }
  svg, .tiles div, .note { print-color-adjust: exact;
                           -webkit-print-color-adjust: exact; }
  thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
)css";

}  // namespace city
