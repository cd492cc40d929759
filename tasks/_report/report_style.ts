/** The style of reports, behind what all pages have. */
export const REPORT_STYLE = `
:root {
  --series-5: light-dark(#6b4fa0, #b9a3ee);
  --series-6: light-dark(#7a5c00, #d9c24a);
  --series-7: light-dark(#a8071a, #ff8f8f);
  --series-8: light-dark(#46525e, #b8c2cc);
}
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
h2 { margin-top: 2.5rem; padding-top: 0.5rem; border-top: 1px solid var(--border); }
h3 { margin-top: 1.75rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; list-style: none; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
.charts {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 1.5rem 2rem;
}
.plot { display: block; height: auto; max-width: 100%; overflow: visible; }
.plot text { white-space: pre; }
.chart > .plot { width: 100%; }
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 0.1rem 1rem;
  margin: 0.25rem 0;
  padding: 0;
  list-style: none;
  font-size: 0.9rem;
}
.legend li { display: flex; gap: 0.4rem; align-items: center; }
.map { width: max-content; }
.map .plot { max-width: none; }
summary { cursor: pointer; color: var(--accent); font-size: 0.9rem; }
details table { margin: 0.5rem 0; font-size: 0.9rem; }
th.number { text-align: right; }
.pictures {
  display: flex;
  flex-wrap: wrap;
  gap: 0.75rem;
  margin: 0.5rem 0 1.25rem;
  padding: 0;
  list-style: none;
}
.pictures li { width: 7.5rem; font-size: 0.85rem; line-height: 1.35; overflow-wrap: anywhere; }
.pictures img, .traced img { display: block; width: 6rem; height: 6rem; object-fit: contain; background: var(--surface); }
.pictures img, .traced img, .sheet { image-rendering: pixelated; }
.sheet { display: block; width: 100%; max-width: 42rem; height: auto; }
.outputs { display: grid; gap: 0.9rem; padding: 0; list-style: none; }
.outputs .strip { height: 1rem; }
mark { background: transparent; color: inherit; font-weight: 700; text-decoration: underline; }
.note { border-left: 4px solid var(--danger); padding: 0.25rem 0.75rem; background: var(--surface); }
@media print {
  .charts { grid-template-columns: 1fr 1fr; }
  .pictures li, .outputs li, .chart { break-inside: avoid; }
  .map { width: auto; }
  .map .plot { max-width: 100%; }
  nav, .skip, details { display: none; }
  details[open] { display: block; }
}
`;
