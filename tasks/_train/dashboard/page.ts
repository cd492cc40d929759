// Deno gives the addresses of a package's files once the package is imported.
import "uplot";
import { formatScript, html } from "../../_pages/html.ts";
import { renderPage } from "../../_pages/page.ts";
import { runPage } from "./page_script.js";

const STYLE = `
.head { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; }
.head h1 { margin: 0.5rem 0; font-size: 1.5rem; }
h1, #status, #problem { overflow-wrap: anywhere; }
.buttons { display: flex; gap: 0.5rem; }
.now { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 0.75rem; margin: 1rem 0; padding: 0; }
.now div { padding: 0.6rem 0.8rem; border: 1px solid var(--border); border-radius: 0.5rem; background: var(--surface); }
.now dt { color: var(--quiet); font-size: 0.875rem; }
.now dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
.charts section { min-width: 0; padding: 0.75rem; border: 1px solid var(--border); border-radius: 0.5rem; }
.charts h2 { margin: 0 0 0.5rem; font-size: 1rem; }
.u-legend { font-size: 0.8rem; }
.u-legend th, .u-legend td { border: 0; }
`;

const readFile = (address: string): Promise<string> => Deno.readTextFile(new URL(address));

/** Renders the page of a run that is under way. Its script asks for the events. */
export async function renderDashboardPage(): Promise<string> {
  const value = (id: string, name: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd id="${id}">–</dd>
      </div>
    `;
  const place = (id: string, name: string) =>
    html`
      <section aria-labelledby="${id}-title">
        <h2 id="${id}-title">${name}</h2>
        <div id="${id}" role="img" aria-label="Curve: ${name}"></div>
      </section>
    `;
  const body = html`
    <header class="head">
      <h1 id="title">Training</h1>
      <div class="buttons" id="buttons" hidden>
        <button type="button" class="plain" id="save">Save now</button>
        <button type="button" id="stop">Stop and save</button>
      </div>
    </header>
    <main>
      <p id="status" role="status">Waiting for the run …</p>
      <p id="problem" role="alert"></p>
      <dl class="now">
        ${value("now-epoch", "Epoch")} ${value("now-step", "Step")} ${value("now-loss", "Loss")}
        ${value("now-accuracy", "Accuracy of the step")} ${value("now-speed", "Images/s")}
        ${value("now-rate", "Learning rate")}
      </dl>
      <div class="charts">
        ${place("loss", "Loss")} ${place("accuracy", "Accuracy")}
        ${place("rate", "Learning rate")} ${place("speed", "Images/s")}
      </div>
      <h2 id="epochs-title">Epochs</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="epochs-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              <th scope="col" class="number">Loss</th>
              <th scope="col" class="number">Accuracy in training</th>
              <th scope="col" class="number">Accuracy on held-out images</th>
            </tr>
          </thead>
          <tbody id="epochs"></tbody>
        </table>
      </div>
    </main>
  `;
  const [chart, chartStyle] = await Promise.all([
    readFile(import.meta.resolve("uplot/dist/uPlot.iife.min.js")),
    readFile(import.meta.resolve("uplot/dist/uPlot.min.css")),
  ]);
  return await renderPage({
    title: "Training",
    body,
    style: chartStyle + STYLE,
    script: `${chart}\n${formatScript(runPage)}`,
    connect: "'self'",
  });
}
