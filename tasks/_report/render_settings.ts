import { isUsed } from "../_model/used_settings.ts";
import { type Html, html } from "../_pages/html.ts";
import type { RunRecord } from "./read_run_folder.ts";

/** A setting of each run, as text. */
interface SettingRow {
  readonly name: string;
  readonly values: readonly string[];
  readonly differs: boolean;
}

/** Lists the settings of runs that are something and have a part in one of them, and what computed them. */
export function listSettings(runs: readonly Pick<RunRecord, "facts">[]): SettingRow[] {
  const all = runs.map(({ facts: { settings, runtime, weights, pipeline } }) => ({
    ...Object.fromEntries(
      Object.entries(settings).filter(([name]) => isUsed(name, { ...settings })),
    ),
    ...weights !== undefined && { weights },
    ...pipeline !== undefined && { pipelineHash: pipeline.hash.slice(0, 12) },
    ...runtime && {
      backend: runtime.backend,
      kernels: runtime.kernels,
      precision: runtime.precision,
      threads: runtime.threads,
      rill: runtime.rill,
    },
  })) as readonly Readonly<Record<string, unknown>>[];
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))].sort();
  return names.map((name) => {
    const values = all.map((one) => format(one[name]));
    return { name, values, differs: new Set(values).size > 1 };
  });
}

function format(value: unknown): string {
  if (value === undefined) return "–";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Renders the settings: those that differ between runs first, each marked. */
export function renderSettings(runs: readonly RunRecord[]): Html {
  const rows = listSettings(runs);
  const [different, same] = [rows.filter((row) => row.differs), rows.filter((row) => !row.differs)];
  const names = runs.map(({ name }) => name);
  return html`<section aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${
    runs.length > 1 && (different.length > 0
      ? html`<h3>What differs</h3>
        ${renderTable("Settings that differ", names, different)}
        <h3>What is the same in all runs</h3>`
      : html`<p>All runs have the same settings.</p>`)
  }
    ${renderTable(runs.length > 1 ? "Settings of all runs" : "Settings", names.slice(0, 1), same)}
  </section>`;
}

function renderTable(
  label: string,
  names: readonly string[],
  rows: readonly SettingRow[],
): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${label}">
      <table>
        <thead>
          <tr><th scope="col">setting</th>${rows.some((row) => row.differs)
            ? names.map((name) => html`<th scope="col">${name}</th>`)
            : html`<th scope="col">value</th>`}</tr>
        </thead>
        <tbody>${rows.map(({ name, values, differs }) =>
          html`<tr><th scope="row">${name}</th>${
            (differs ? values : values.slice(0, 1)).map((value) =>
              html`<td>${differs ? html`<mark>${value}</mark>` : value}</td>`
            )
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}
