import { Markup } from './markup.js'

/** How a page looks: light, dark and printed, on wide screens and on narrow ones. */
export const STYLE = new Markup(`
:root{color-scheme:light dark;--paper:#fff;--panel:#f6f7f9;--text:#1b1f24;--faint:#5a636e;--line:#d5dae0;--link:#0b57d0;
--c0:#2f6fd0;--c1:#e08a1e;--c2:#2f9e7a;--c3:#9a5fc4;--cx:#d1242f;--unnamed:#98a2ae;--ink:rgba(255,255,255,.55);--unheld:#e9ecf0;
--good:#136c2e;--good-paper:#dcf5e3;--bad:#a40e26;--bad-paper:#ffe2e4;--unsure:#7a5200;--unsure-paper:#fff1cf;
--fault:rgba(224,138,30,.13);--fault-line:#b45f06;--undo-line:#136c2e;--outage:rgba(209,36,47,.3);--split:rgba(154,95,196,.28)}
@media screen and (prefers-color-scheme:dark){:root{--paper:#12161b;--panel:#1a2027;--text:#e3e8ee;--faint:#98a4b1;--line:#333c46;--link:#82b4ff;
--c0:#5b95ec;--c1:#eda545;--c2:#4fc39b;--c3:#bb8be0;--cx:#f2545f;--unnamed:#6c7885;--ink:rgba(0,0,0,.45);--unheld:#252d36;
--good:#6fdc8c;--good-paper:#123321;--bad:#ff9aa2;--bad-paper:#45151b;--unsure:#f2c55c;--unsure-paper:#3a2c08;
--fault:rgba(237,165,69,.13);--fault-line:#f0b35f;--undo-line:#6fdc8c;--outage:rgba(242,84,95,.42);--split:rgba(187,139,224,.32)}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:28px 24px 56px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 12px}h2{font-size:1.25rem;margin:0 0 4px}
h1 .badge,h2 .badge{vertical-align:middle}
a{color:var(--link)}.note{color:var(--faint);font-size:.9em}
section{margin-top:40px;padding-top:24px;border-top:1px solid var(--line)}
.command{margin:0 0 16px;padding:10px 12px;background:var(--panel);border:1px solid var(--line);border-radius:6px;white-space:pre-wrap;font-size:.9em}
code{font-family:ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:10px 24px;margin:0 0 28px}
dt{color:var(--faint);font-size:.8em}dd{margin:0}
.badge{display:inline-block;padding:1px 9px;border-radius:999px;font-size:.8rem;font-weight:600;line-height:1.5;white-space:nowrap}
.pass{color:var(--good);background:var(--good-paper)}.deviated,.aborted{color:var(--bad);background:var(--bad-paper)}.inconclusive{color:var(--unsure);background:var(--unsure-paper)}
.scroll{overflow-x:auto;overscroll-behavior-x:contain}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.93em;overflow-wrap:normal}
th,td{padding:7px 14px 7px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{color:var(--faint);font-weight:600;font-size:.85em;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:600}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.over{color:var(--bad);font-weight:600}
.before{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:flex-end;white-space:nowrap}
.causes{margin:0;padding:0;list-style:none;color:var(--faint);font-size:.85em}
.events td{padding-top:4px;padding-bottom:4px}.events td:last-child{width:100%;min-width:280px}
.reasons,.warnings{margin:10px 0;padding:8px 12px 8px 30px;border-radius:6px}
.reasons{color:var(--bad);background:var(--bad-paper)}.warnings{color:var(--unsure);background:var(--unsure-paper)}
details{margin:18px 0 8px}summary{cursor:pointer;font-weight:600}
figure{margin:18px 0 10px}figcaption{color:var(--faint);font-size:.9em;margin-bottom:4px}
.timeline{display:block;width:100%;min-width:760px;height:auto}
.timeline text{font-size:12px;fill:var(--text)}.timeline .tick{fill:var(--faint);font-size:11px}
.timeline .count{font-size:9px;fill:var(--faint)}.timeline .label{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:3px}
.rule{stroke:var(--line);stroke-width:.6}.axis{stroke:var(--faint);stroke-width:1}
.g0{fill:url(#p0)}.g1{fill:url(#p1)}.g2{fill:url(#p2)}.g3{fill:url(#p3)}.failed{fill:url(#px)}.unnamed{fill:var(--unnamed)}.unheld{fill:var(--unheld)}
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.cx{fill:var(--cx)}.ink{fill:var(--ink)}
.patterns{position:absolute}
.fault{fill:var(--fault)}.shade-outage{fill:var(--outage)}.shade-split{fill:var(--split)}.bracket-outage{fill:var(--cx)}.bracket-split{fill:var(--c3)}
.line-fault,.line-undo{stroke-width:1.4;stroke-dasharray:4 3}.line-fault{stroke:var(--fault-line)}.line-undo{stroke:var(--undo-line)}
.timeline .label-fault{fill:var(--fault-line)}.timeline .label-undo{fill:var(--undo-line)}.timeline .label-outage{fill:var(--cx)}.timeline .label-split{fill:var(--c3)}
.mark-step,.mark-address,.mark-vrrp,.mark-arp,.mark-several{stroke:var(--paper);stroke-width:1}
.mark-step{fill:var(--text)}.mark-address{fill:var(--link)}.mark-vrrp{fill:var(--cx)}.mark-arp{fill:var(--c2)}.mark-several{fill:var(--faint)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 18px;padding:0;list-style:none;color:var(--faint);font-size:.85em}
.legend li{display:flex;align-items:center;gap:6px}.swatch{flex:none;vertical-align:-2px}
.spark .past{fill:var(--unnamed)}.spark .now{fill:var(--c0)}
@media (max-width:640px){main{padding:18px 14px 40px}h1{font-size:1.3rem}dl{grid-template-columns:1fr 1fr;gap:8px 14px}.events td:last-child{min-width:180px}}
@media print{:root{color-scheme:light}main{max-width:none;padding:0}body{font-size:11px}.scroll{overflow:visible}.timeline{min-width:0}section{break-inside:auto}
figure,table,header{break-inside:avoid}.events{break-inside:auto}h2,summary,figcaption{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit;text-decoration:none}}
`)
