import { type Html, html } from "./html.ts";

/** The style of a pad to draw on. */
export const PAD_STYLE = `
.pad { position: relative; width: 17.5rem; max-width: 100%; }
#pad { display: block; width: 100%; aspect-ratio: 1; border: 1px solid var(--border); border-radius: 0.3rem; background: #000; cursor: crosshair; touch-action: none; }
#pen { position: absolute; width: 1.1rem; height: 1.1rem; margin: -0.55rem 0 0 -0.55rem; border: 2px solid #fff; border-radius: 50%; outline: 2px solid #000; pointer-events: none; }
#pen.down { background: var(--accent); }
`;

/**
 * Renders a pad to draw on, by mouse, pen or finger, and with `drawByKeys` by the keyboard.
 *
 * @param help What there is to say of it before how the keys are used.
 * @param advice How to draw for the network, as `adviseDrawing` gives it; a page that learns it later has a place for it.
 */
export const renderPad = (help: string, advice = ""): Html =>
  html`
    <p class="quiet"
      id="pad-help">${help} By keyboard: arrow keys move, space puts the pen down or lifts it. <strong id="advice">${advice}</strong></p>
    <div class="pad">
      <canvas id="pad" width="280" height="280" tabindex="0" role="application" aria-label="Drawing"
        aria-describedby="pad-help"></canvas>
      <span id="pen" hidden></span>
    </div>
  `;
