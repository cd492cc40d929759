import type { StoredTensor } from "../../models/mod.ts";
import { type Html, html } from "../_pages/html.ts";
import { renderNumbers } from "./charts.ts";
import { renderHeatMap } from "./heat_map.ts";
import type { Mistake } from "./collect_mistakes.ts";
import { drawFilters, drawOutput, encodeThumbnail, type PagePicture } from "./draw_pictures.ts";
import { formatShare } from "./render_runs.ts";
import type { Score, TracedPicture } from "./score_run.ts";

/** How a run's pictures are drawn. */
export interface ScoreOptions {
  /** The run's name, if there are several. */
  readonly run: string | undefined;
  /** What tells the headings of the runs apart. */
  readonly id: string;
  /** The longest side of a picture, in pixels. */
  readonly side: number;
}

/** Renders what a run's parameters make of images: the confusion matrix, mistakes, and a picture on its way through the network. */
export async function renderScore(score: Score, options: ScoreOptions): Promise<Html> {
  const { run, id, side } = options;
  const { classes, data, pairs, report, split, surest, traced } = score;
  const of = run === undefined ? "" : ` of ${run}`;
  const pairLists: Html[] = [];
  for (const { is, taken, count, of, mistakes } of pairs) {
    const share = formatShare(count / of);
    pairLists.push(
      html`<h4>${classes[is]} taken for ${classes[taken]}: ${count} of ${of} (${share})</h4>
      ${await renderMistakes(mistakes, classes, side)}`,
    );
  }
  return html`<section aria-labelledby="confused-${id}">
    <h2 id="confused-${id}">Mistakes${of}</h2>
    <p>${report.examples.toLocaleString("en-US")} ${split} images of ${data}: accuracy ${
    formatShare(report.accuracy)
  }, loss ${report.loss.toFixed(4)}.</p>
    ${renderHeatMap(report.confusion, classes, run)}
    ${renderQuality(score, run)}
    <h3>Most often confused</h3>
    ${pairs.length === 0 ? html`<p>Nothing was confused.</p>` : pairLists}
    <h3>Surest mistakes</h3>
    ${
    surest.length === 0 ? html`<p>There are none.</p>` : await renderMistakes(surest, classes, side)
  }
    <h3>A picture on its way through the network</h3>
    ${await renderTrace(traced, classes, side)}
  </section>`;
}

function renderQuality({ report }: Score, run: string | undefined): Html {
  const format = (value: number | null) => value === null ? "–" : value.toFixed(3);
  return renderNumbers(
    `Precision and recall of each class${run === undefined ? "" : ` by ${run}`}`,
    ["class", "precision", "recall", "F1", "images"],
    report.classes.map(({ name, precision, recall, f1, examples }) => [
      name,
      ...[precision, recall, f1].map(format),
      String(examples),
    ]),
  );
}

async function renderMistakes(
  mistakes: readonly Mistake[],
  classes: readonly string[],
  side: number,
): Promise<Html> {
  if (mistakes.length === 0) return html`<p class="quiet">None of the pictures was kept.</p>`;
  const items = await Promise.all(
    mistakes.map(async ({ image, is, taken, probability, name }) =>
      html`<li>${
        renderPicture(await encodeThumbnail(image, side), `A picture of class ${classes[is]}`)
      }${classes[is]}, taken for ${classes[taken]}, ${formatShare(probability)}${
        name !== undefined && html`<br><span class="quiet">${name}</span>`
      }</li>`
    ),
  );
  return html`<ul class="pictures">${items}</ul>`;
}

const renderPicture = ({ url, width, height }: PagePicture, alt: string, style = ""): Html =>
  html`
    <img src="${url}" width="${width}" height="${height}" alt="${alt}" ${style !== "" && html`
      class="${style}"
    `}>
  `;

async function renderTrace(
  { image, label, predictions, layers }: TracedPicture,
  classes: readonly string[],
  side: number,
): Promise<Html> {
  const outputs = await Promise.all(layers.map(async (output) => {
    const { picture, shown, of } = await drawOutput(output, side);
    const isVector = output.shape.length === 1;
    const what = isVector ? `${shown} of ${of} features` : `${shown} of ${of} channels`;
    return html`<li><strong>${output.name}</strong> ${output.layer}, ${
      output.shape.join(" × ")
    }, ${what}
      ${
      renderPicture(
        picture,
        `Output of ${output.name}: ${what}`,
        isVector ? "sheet strip" : "sheet",
      )
    }</li>`;
  }));
  return html`
    <p class="traced">${renderPicture(
      await encodeThumbnail(image, side),
      `The picture, of class ${classes[label]}`,
    )}</p>
    <p>The first picture, of class ${classes[label]}. The network says: ${predictions.map((
      { class: name, probability },
    ) => `${name} ${probability === null ? "NaN" : formatShare(probability)}`).join(
      ", ",
    )}. Of each layer the channels that vary most, from the least number (black) to the most (white).</p>
    <ol class="outputs">${outputs}</ol>
  `;
}

/** Renders the filters of a network's first convolution. */
export async function renderFilters(
  name: string | undefined,
  tensor: StoredTensor | undefined,
  { run, id }: Omit<ScoreOptions, "side">,
): Promise<Html> {
  const sheet = tensor && await drawFilters(tensor);
  return html`<section aria-labelledby="filters-${id}">
    <h2 id="filters-${id}">First filters${run !== undefined && ` of ${run}`}</h2>
    ${
    sheet
      ? html`<p>${sheet.shown} of ${sheet.of} filters of ${name}, each from its least number (black) to its most (white).</p>
        ${renderPicture(sheet.picture, `${sheet.shown} filters of ${name}`, "sheet filters")}`
      : html`<p>The network has no convolution of images whose filters could be drawn.</p>`
  }
  </section>`;
}
