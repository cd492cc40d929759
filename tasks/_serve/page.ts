import { formatCommand } from "../_cli/program.ts";
import { formatScript, html } from "../_pages/html.ts";
import { renderPage } from "../_pages/page.ts";
import { adviseDrawing } from "../_pages/advise_drawing.ts";
import { drawByKeys } from "../_pages/draw_by_keys.js";
import { PAD_STYLE, renderPad } from "../_pages/drawing_pad.ts";
import { runPage } from "./page_script.js";

/** What the page tells of the network. */
export interface ServedFacts {
  readonly title: string;
  readonly checkpoint: string;
  readonly classes: readonly string[];
  /** Whether drawings are light on dark, as those of gray data sets; else dark on light. */
  readonly light: boolean;
}

const STYLE = `
.ways { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; }
.ways > *, .result { padding: 1rem; border: 1px solid var(--border); border-radius: 0.6rem; background: var(--surface); }
.ways h2, .result h2 { margin-top: 0; font-size: 1.1rem; }
.drop.over { outline: 3px dashed var(--accent); outline-offset: -6px; }
.drop input { max-width: 100%; font: inherit; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin-top: 0.75rem; }
.result { margin-top: 1rem; }
#status { margin-bottom: 0.75rem; }
.told { display: grid; grid-template-columns: auto 1fr; gap: 1rem; align-items: start; }
.told img { width: 8rem; height: 8rem; object-fit: contain; background: var(--background); border: 1px solid var(--border); }
.told table { width: 100%; }
.told td:first-child { overflow-wrap: anywhere; }
.told td.share { width: 45%; }
.told td.number { white-space: nowrap; }
.told .bar { height: 0.8rem; min-width: 1px; border-radius: 0.2rem; background: var(--series-1); }
@media (max-width: 30rem) {
  .told { grid-template-columns: 1fr; }
  .told td.share { width: 25%; }
}
`;

/** Renders the page on which one drops, chooses or draws a picture and sees the classes. */
export function renderServePage(
  { title, checkpoint, classes, light }: ServedFacts,
): Promise<string> {
  const shown = classes.slice(0, 20).join(", ");
  const body = html`
    <header>
      <h1>What is on the picture?</h1>
      <p
        class="quiet">${title}, from ${checkpoint}, tells ${classes
          .length} classes apart: ${shown}${classes.length > 20 ? ", …" : ""}.</p>
    </header>
    <main>
      <div class="ways">
        <section class="drop" id="drop" aria-labelledby="choose-title">
          <h2 id="choose-title">Drop, paste or choose</h2>
          <p><label for="file">A picture: PNG, JPEG or WebP</label></p>
          <input type="file" id="file" accept="image/png,image/jpeg,image/webp">
          <p class="quiet">It stays on this machine. Drop it anywhere on the page, or paste it.</p>
        </section>
        <section aria-labelledby="draw-title">
          <h2 id="draw-title">Draw</h2>
          ${renderPad("By mouse, pen or finger.", adviseDrawing(classes))}
          <div class="tools">
            <button type="button" class="plain" id="clear">Clear</button>
            <label><input type="checkbox" id="light"${light && html`
              checked
            `}> Light on dark</label>
          </div>
        </section>
      </div>
      <section class="result" aria-labelledby="result-title">
        <h2 id="result-title">Classes</h2>
        <div id="status" role="status">There is no picture yet.</div>
        <div id="problem" role="alert"></div>
        <div class="told" id="told" hidden>
          <img id="preview" alt="The picture">
          <table>
            <thead>
              <tr>
                <th scope="col">Class</th>
                <th scope="col" class="number">Probability</th>
                <th scope="col"><span class="visually-hidden">As a bar</span></th>
              </tr>
            </thead>
            <tbody id="rows"></tbody>
          </table>
        </div>
      </section>
    </main>
    <footer class="quiet">
      <p>Programs ask by <code>curl --data-binary @photo.jpg <span id="address">http://127.0.0.1:8000/</span>predict</code>;
        <code>${formatCommand("serve --help")}</code> says more.</p>
    </footer>
  `;
  return renderPage({
    title: "What is on the picture?",
    body,
    style: PAD_STYLE + STYLE,
    script: formatScript(runPage, drawByKeys),
    connect: "'self'",
  });
}
