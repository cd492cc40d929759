/**
 * The style that all pages have: colours for light and dark, type, tables, buttons. A page adds its own behind it. Colours of lines
 * and marks are told apart by people who see fewer (Okabe and Ito, "Color Universal Design", 2008), and text has a contrast of 4.5 at
 * least.
 */
export const BASE_STYLE = `
:root {
  color-scheme: light dark;
  --background: light-dark(#ffffff, #14171c);
  --surface: light-dark(#f4f6f8, #1e232b);
  --border: light-dark(#c9d1d9, #3a424e);
  --text: light-dark(#1a1f26, #e8ebef);
  --quiet: light-dark(#57606a, #a2acb8);
  --accent: light-dark(#0b61a4, #7cc0f4);
  --on-accent: light-dark(#ffffff, #0d1117);
  --danger: light-dark(#a8071a, #ff8f8f);
  --series-1: light-dark(#0072b2, #56b4e9);
  --series-2: light-dark(#b34700, #e69f00);
  --series-3: light-dark(#00734f, #35c794);
  --series-4: light-dark(#a34b7f, #e39cc5);
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto;
  max-width: 72rem;
  padding: 1rem clamp(0.75rem, 4vw, 2rem) 3rem;
  background: var(--background);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
a { color: var(--accent); }
img, svg, canvas { max-width: 100%; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--border); text-align: left; }
td.number, th.number { text-align: right; }
button, .button {
  padding: 0.45rem 0.9rem;
  border: 1px solid var(--accent);
  border-radius: 0.4rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  cursor: pointer;
}
button.plain { background: transparent; color: var(--accent); }
button:disabled { opacity: 0.55; cursor: not-allowed; }
[role="alert"] { color: var(--danger); }
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
@page { margin: 1.5cm; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 0.85rem; }
  .no-print { display: none; }
  .scroll { overflow: visible; }
  td:not(.number) { overflow-wrap: anywhere; }
  h1, h2, h3, h4, figcaption { break-after: avoid; }
  h2, figure, tr { break-inside: avoid; }
}
`;
