import { html } from "../_pages/html.ts";
import { PAD_STYLE, renderPad } from "../_pages/drawing_pad.ts";
import { renderPage } from "../_pages/page.ts";
import { LIMITS } from "./lenet_settings.ts";

const STYLE = `
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
section { background: var(--surface); border: 1px solid var(--border); border-radius: 0.6rem; padding: 0 1rem 1rem; min-width: 0; }
section.wide { grid-column: 1 / -1; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin: 0.6rem 0; }
.row label { display: inline-flex; gap: 0.4rem; align-items: center; }
input[type="number"] { width: 6rem; }
input[type="number"], select { padding: 0.35rem; font: inherit; color: inherit; background: var(--background); border: 1px solid var(--border); border-radius: 0.3rem; }
.button.file { background: transparent; color: var(--accent); }
.button.file:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; }
#pad.over { outline: 3px dashed var(--accent); }
canvas.pixels { image-rendering: pixelated; border: 1px solid var(--border); }
#seen { width: 5rem; height: 5rem; }
#seen-figure { margin: 1rem 0 0; }
#classes { list-style: none; padding: 0; margin: 0; }
#classes li { display: grid; grid-template-columns: 8.5rem 1fr 4.2rem; gap: 0.5rem; align-items: center; padding: 0.1rem 0; }
#classes .share { text-align: right; font-variant-numeric: tabular-nums; }
#classes .bar { background: var(--border); border-radius: 0.2rem; height: 0.8rem; overflow: hidden; }
#classes .bar span { display: block; height: 100%; background: var(--series-1); }
#layers { display: grid; gap: 0.8rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
#layers figure { margin: 0; min-width: 0; }
#layers canvas { width: 100%; }
#layers canvas.line { height: 1.5rem; }
#layers figcaption { overflow-wrap: anywhere; font-size: 0.9rem; }
/* Wherever on the page something went wrong, what is said of it is in sight. */
#problem:not(:empty) { position: sticky; top: 0; z-index: 1; padding: 0.6rem 1rem; background: var(--background); border: 1px solid var(--danger); border-radius: 0.4rem; }
#slow { animation: appear 0s 8s both; }
@keyframes appear { from { visibility: hidden; } }
#results { margin-top: 0.6rem; }
#results :is(th, td) { padding-inline: 0.35rem; }
#chart { min-height: 1rem; }
#chart .u-legend { text-align: left; }
#chart .u-legend th::after { content: ""; }
`;

/**
 * Renders the page of a site.
 *
 * @param style The style of what is in it of others.
 */
export const renderSite = (style: string): Promise<string> =>
  renderPage({
    title: "Rill in the browser",
    style: style + PAD_STYLE + STYLE,
    scriptUrl: "main.js",
    body: html`
      <header>
        <h1>Rill in the browser</h1>
        <p>
          A network that looks at pictures, all of it on this device: nothing that you draw, choose or train leaves it.
        </p>
        <p id="status" role="status">
          Loading…
          <span id="slow">A page takes JavaScript, and a server, such as <code>deno task site --serve</code>: opened as a file it
            loads nothing.</span>
        </p>
      </header>
      <p id="problem" role="alert"></p>
      <main>
        <section aria-labelledby="picture-title">
          <h2 id="picture-title">Picture</h2>
          ${renderPad("Draw here, light on dark, or drop or paste a picture anywhere on the page.")}
          <div class="row">
            <button id="clear" type="button" class="plain">Clear</button>
            <button id="example" type="button" class="plain" hidden>Another example</button>
            <label
              class="button file">Choose a picture<input id="picture" type="file" class="visually-hidden"
              accept="image/png,image/jpeg,image/webp"></label>
          </div>
          <p id="truth" class="quiet"></p>
          <div class="row">
            <label><input id="invert" type="checkbox"> Swap light and dark</label>
          </div>
        </section>
        <section aria-labelledby="classes-title">
          <h2 id="classes-title">Classes</h2>
          <p id="answer" role="status">Nothing to tell yet.</p>
          <ol id="classes"></ol>
          <figure id="seen-figure" hidden>
            <canvas id="seen" class="pixels" role="img"
              aria-label="The picture as the network sees it"></canvas>
            <figcaption class="quiet">As the network sees it</figcaption>
          </figure>
        </section>
        <section aria-labelledby="model-title">
          <h2 id="model-title">Model</h2>
          <p id="model">None yet.</p>
          <div class="row">
            <label
              class="button file">Load a checkpoint<input id="checkpoint" type="file" class="visually-hidden"
              accept=".safetensors"></label>
          </div>
          <p class="quiet">
            A safetensors file of a run, such as <code>best.safetensors</code>, or one that was saved below.
          </p>
          <div class="row">
            <label>Compute on
              <select id="backend">
                <option value="auto">the best there is</option>
                <option value="webgpu">WebGPU</option>
                <option value="wasm">WASM</option>
              </select>
            </label>
          </div>
        </section>
        <section class="wide" aria-labelledby="layers-title">
          <h2 id="layers-title">What each layer sees</h2>
          <p class="quiet" id="layers-help">
            The first channels of what each layer gives: black is the least number, white the greatest.
          </p>
          <div id="layers"></div>
        </section>
        <section class="wide" id="training" aria-labelledby="training-title" hidden>
          <h2 id="training-title">Train LeNet</h2>
          <p id="data" class="quiet"></p>
          <form id="settings" class="row">
            ${number("epochs", "Epochs", 1)} ${number("batchSize", "Batch size", 1)}
            ${number("learningRate", "Learning rate", "any")}
            <button id="start" type="submit">Train</button>
            <button id="pause" type="button" class="plain" disabled>Pause</button>
            <button id="save" type="button" class="plain" disabled>Save a checkpoint</button>
            <button id="restart" type="button" class="plain" hidden>Start over</button>
          </form>
          <p id="progress" role="status"></p>
          <div id="chart" class="scroll" role="img"
            aria-label="Curves of loss and accuracy by step"></div>
          <div class="scroll" tabindex="0" role="region" aria-label="Results of each epoch">
            <table id="results" hidden>
              <thead>
                <tr>
                  <th class="number">Epoch</th>
                  <th class="number">Loss</th>
                  <th class="number">Accuracy</th>
                  <th class="number">Test accuracy</th>
                </tr>
              </thead>
              <tbody></tbody>
            </table>
          </div>
        </section>
      </main>
    `,
  });

const number = (id: keyof typeof LIMITS, label: string, step: number | "any") =>
  html`<label>${label} <input id="${id}" type="number" required step="${step}"
    min="${LIMITS[id].least}" max="${LIMITS[id].most}"></label>`;
