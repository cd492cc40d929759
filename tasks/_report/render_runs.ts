import { formatDuration } from "../_text/format.ts";
import { getTitle } from "../_model/model_config.ts";
import { type Html, html } from "../_pages/html.ts";
import { formatNumber, renderLineChart, renderNumbers, type Series } from "./charts.ts";
import { pickEpochs, type Point } from "./read_curves.ts";
import type { RunRecord } from "./read_run_folder.ts";
import type { Score } from "./score_run.ts";

/** A run, and what its parameters were found to do. */
export interface ReportedRun extends RunRecord {
  /** What its parameters do, or why that isn't known, in a sentence. */
  readonly score: Score | string;
}

/** Renders what the runs are and came to. */
export function renderOverview(runs: readonly ReportedRun[]): Html {
  return html`<section aria-labelledby="overview">
    <h2 id="overview">${runs.length === 1 ? "The run" : "The runs"}</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="Results"><table>
      <thead><tr><th scope="col">run</th><th scope="col">network</th><th scope="col">data</th>
        <th scope="col" class="number">epochs</th><th scope="col" class="number">steps</th>
        <th scope="col" class="number">time</th><th scope="col" class="number">best accuracy after an epoch</th>
        <th scope="col" class="number">accuracy now</th></tr></thead>
      <tbody>${runs.map(renderRow)}</tbody>
    </table></div>
    <p class="quiet">Best accuracy after an epoch: on the images that decided which parameters are best. Accuracy now: of
      those parameters, on the images that this report has looked at.</p>
    ${runs.flatMap(listNotes).map((note) => html`<p class="note">${note}</p>`)}
  </section>`;
}

function renderRow({ name, facts: { settings }, curves, score }: ReportedRun): Html {
  const { epochs, steps, seconds } = curves;
  const accuracies = epochs.flatMap(({ judgedAccuracy }) => judgedAccuracy ?? []);
  const best = accuracies.length > 0 ? formatShare(Math.max(...accuracies)) : "–";
  const now = typeof score === "string"
    ? "–"
    : `${formatShare(score.report.accuracy)} of ${
      formatCount(score.report.examples)
    } ${score.split}`;
  return html`
    <tr>
      <th scope="row">${name}</th>
      <td>${getTitle(settings.model)} at ${settings.side}&nbsp;×&nbsp;${settings.side}</td>
      <td>${settings.data}</td>
      <td class="number">${epochs.length} of ${settings.epochs}</td>
      <td class="number">${formatCount(steps)}</td>
      <td class="number">${seconds === undefined ? "–" : formatDuration(seconds)}</td>
      <td class="number">${best}${best !== "–" && ` (${curves.judged})`}</td>
      <td class="number">${now}</td>
    </tr>
  `;
}

const listNotes = ({ name, notes, score }: ReportedRun): string[] =>
  [...notes, ...typeof score === "string" ? [score] : []].map((note) => `${name}: ${note}.`);

const formatCount = (count: number): string => count.toLocaleString("en-US");

/** Formats a share from 0 to 1: `78.7 %`. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)}\u00a0%`;

/** Renders the curves of the runs, one over the other. */
export function renderCurves(runs: readonly ReportedRun[]): Html {
  const name = (run: RunRecord, what: string) => runs.length === 1 ? what : `${run.name}, ${what}`;
  const overlay = (
    what: string | ((run: RunRecord) => string),
    pick: (run: RunRecord) => readonly Point[],
  ): Series[] =>
    runs.map((run, i) => ({
      name: name(run, typeof what === "string" ? what : what(run)),
      run: i,
      points: pick(run),
    }));
  const perEpoch = (
    what: (run: RunRecord) => string,
    key: "judgedLoss" | "judgedAccuracy",
  ): Series[] =>
    runs.map((run, i) => ({
      name: name(run, what(run)),
      run: i,
      points: pickEpochs(run.curves.epochs, key),
      isSparse: true,
    }));
  const judged = ({ curves }: RunRecord) => curves.judged;
  const charts = [
    renderLineChart({
      title: "Loss",
      unit: "loss",
      series: [
        ...overlay("training", ({ curves }) => curves.loss),
        ...perEpoch(judged, "judgedLoss"),
      ],
    }),
    renderLineChart({
      title: "Accuracy",
      unit: "accuracy",
      series: [
        ...overlay("training", ({ curves }) => curves.accuracy),
        ...perEpoch(judged, "judgedAccuracy"),
      ],
    }),
    renderLineChart({
      title: "Learning rate",
      unit: "learning rate",
      series: overlay("learning rate", ({ curves }) => curves.learningRate),
      fromZero: true,
    }),
    renderLineChart({
      title: "Speed",
      unit: "images/s",
      series: overlay(
        ({ curves }) => curves.isSpeedOfEpochs ? "images/s, evaluations included" : "images/s",
        ({ curves }) => curves.speed,
      ),
      fromZero: true,
    }),
  ];
  return html`<section aria-labelledby="curves">
    <h2 id="curves">Curves</h2>
    <div class="charts">${charts}</div>
    ${runs.map((run) => renderEpochs(run, runs.length > 1))}
  </section>`;
}

function renderEpochs({ name, curves: { epochs, judged } }: RunRecord, isOfSeveral: boolean): Html {
  const title = `Epochs${isOfSeveral ? ` of ${name}` : ""}`;
  const format = (value: number | undefined) => value === undefined ? "–" : formatNumber(value);
  if (epochs.length === 0) return html`<p class="quiet">${title}: none has ended yet.</p>`;
  return renderNumbers(
    title,
    ["epoch", "loss", "training accuracy", `${judged} loss`, `${judged} accuracy`, "time"],
    epochs.map((row) => [
      String(row.epoch),
      ...[row.loss, row.accuracy, row.judgedLoss, row.judgedAccuracy].map(format),
      row.seconds === undefined ? "–" : formatDuration(row.seconds),
    ]),
  );
}
