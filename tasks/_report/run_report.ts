import { basename } from "node:path";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Backend, CheckpointError } from "../../models/mod.ts";
import { attempt, formatError, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { checkOutputFile, joinPath, writeTextFileAtomically } from "../_files/files.ts";
import { folderFiles } from "../_files/folder_files.ts";
import { describeModel, type OpenedModel, openModel } from "../_evaluate/open_model.ts";
import { chooseThreads } from "../_model/choose_threads.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";
import { withBackend } from "../_model/with_backend.ts";
import { isBestFile, isSavedFile } from "../_model/run_files.ts";
import { type Html, html } from "../_pages/html.ts";
import { renderPage } from "../_pages/page.ts";
import { printNote, printResult } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { MOST_RUNS } from "./charts.ts";
import { readRunFolders, type RunRecord } from "./read_run_folder.ts";
import { renderCurves, renderOverview, type ReportedRun } from "./render_runs.ts";
import { renderFilters, renderScore } from "./render_score.ts";
import { renderSettings } from "./render_settings.ts";
import type { reportFlags } from "./report_flags.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { scoreRun, type Scoring } from "./score_run.ts";

type Flags = FlagValues<typeof reportFlags>;

/** What reports begin with: a file that begins otherwise isn't written over. */
const BEGINNING = "<!doctype html><!-- A report of Rill -->\n";

/** What a report is about, before anything is computed. */
export interface PreparedReport {
  readonly records: readonly RunRecord[];
  /** The parameters of each run, or a sentence that says why there are none. */
  readonly opened: readonly (OpenedModel | string)[];
  /** The file to write. */
  readonly out: string;
}

/** Reports on the runs whose folders the command line names. */
export function runReport(flags: Flags, operands: readonly string[]): TE.TaskEither<Error, void> {
  const note = flags.quiet ? () => {} : printNote;
  return pipe(
    prepareReport(flags, operands),
    TE.chainW((prepared) => {
      const write = (backend?: Backend) =>
        attempt(async () => {
          await writeReport(prepared, { backend, flags, note });
          printResult(prepared.out);
        });
      if (prepared.opened.every((one) => typeof one === "string")) return write();
      return withBackend(flags, note, (backend) =>
        pipe(
          TE.fromEither(chooseThreads(flags.threads, backend, flags.batchSize ?? 128)),
          TE.tapIO((threads) => () => describeBackend(backend, threads).forEach(note)),
          TE.chain(() => write(backend)),
        ));
    }),
  );
}

/** Reads the folders of runs, and chooses the file to write; fails if one is no run's, or the file can't be written. */
export const prepareReport = (
  flags: Flags,
  operands: readonly string[],
): TE.TaskEither<Error, PreparedReport> =>
  attempt(async () => {
    const read = await readRecords(operands);
    const out = await chooseOut(flags, read);
    const opened = await openModels(read);
    const records = read.map((record, i) => noteOthers(record, opened[i]!));
    return { records, out, opened };
  });

/** What a report is made with. */
export interface ReportMeans extends Omit<Scoring, "backend" | "progress"> {
  /** What computes; nothing, where no run has parameters. */
  readonly backend?: Backend | undefined;
}

/** Writes a report. */
export async function writeReport(prepared: PreparedReport, means: ReportMeans): Promise<void> {
  const runs = await scoreRuns(prepared, means);
  await writeTextFileAtomically(prepared.out, await renderReport(runs, prepared.opened));
}

async function readRecords(operands: readonly string[]): Promise<RunRecord[]> {
  if (operands.length === 0) {
    throw new UsageError("Cannot report without the folder of a run, such as runs/NAME");
  }
  if (operands.length > MOST_RUNS) {
    throw new UsageError(
      `Cannot report on ${operands.length} runs: up to ${MOST_RUNS} can be told apart`,
    );
  }
  const records = await readRunFolders(operands);
  for (const { notes } of records) for (const one of notes) printNote(`warning: ${one}`);
  return records;
}

/** Chooses the file, and checks that it can be written. */
async function chooseOut({ out }: Flags, records: readonly RunRecord[]): Promise<string> {
  const [first, second] = records;
  const path = out ?? (second ? "report.html" : joinPath(first!.dir, "report.html"));
  const magic = new TextEncoder().encode(BEGINNING);
  await checkOutputFile(path, { name: "a report", magic });
  return path;
}

/** Opens the best parameters of each run, or the newest where none are best yet. */
async function openModels(records: readonly RunRecord[]): Promise<(OpenedModel | string)[]> {
  const opened: (OpenedModel | string)[] = [];
  for (const { dir, facts } of records) {
    const names = await folderFiles(dir).list();
    const hasSaved = names.some((name) => isSavedFile(name) || name.endsWith(".safetensors"));
    const found = hasSaved ? await openModel(dir, {}, { takesUnfinished: true })() : undefined;
    if (found?._tag === "Right") {
      checkModel(found.right, dir, facts.model);
      opened.push(found.right);
    } else {
      const reason = found && formatError(found.left);
      if (reason !== undefined) printNote(`warning: ${reason}; the report is without mistakes`);
      opened.push(
        reason === undefined
          ? "It has saved no parameters yet: there are no predictions"
          : `There are no predictions: ${reason}`,
      );
    }
  }
  return opened;
}

/** Notes of a run whose parameters aren't its best where they are from. */
function noteOthers(record: RunRecord, opened: OpenedModel | string): RunRecord {
  if (typeof opened === "string" || isBestFile(basename(opened.path))) return record;
  const reason = record.curves.epochs.length === 0
    ? "No epoch has ended yet"
    : "The best parameters can't be read";
  const note = `${reason}: those used are from ${opened.path}`;
  return { ...record, notes: [...record.notes, note] };
}

/** Checks that parameters are of the run's network: a file may have been put in its place. */
function checkModel({ model, path }: OpenedModel, dir: string, own: ModelConfig): void {
  const describe = ({ name, side, channels, classes }: ModelConfig) =>
    `${getTitle(name)} for ${side} x ${side} x ${channels} and ${classes} classes`;
  if (describe(model) === describe(own)) return;
  throw new CheckpointError(
    `Cannot report on ${dir} as ${path} is of another network than the run: ` +
      `${describe(model)}, not ${describe(own)}`,
  );
}

const NO_BACKEND = "There are no predictions: nothing was to compute them";

async function scoreRuns(
  { records, opened }: PreparedReport,
  { backend, flags, note }: ReportMeans,
): Promise<ReportedRun[]> {
  const line = flags.quiet ? silentLine : createProgressLine();
  const runs: ReportedRun[] = [];
  for (const [i, record] of records.entries()) {
    const model = opened[i]!;
    if (typeof model === "string" || !backend) {
      runs.push({ ...record, score: typeof model === "string" ? model : NO_BACKEND });
      continue;
    }
    describeModel(model).forEach(note);
    const progress = (share: number) =>
      line.show(share, `predicting for ${record.name}, ${formatPercent(share)}`);
    const score = await scoreRun(model, { backend, flags, note, progress });
    line.clear();
    if (typeof score === "string") printNote(`warning: ${score}; the report is without mistakes`);
    runs.push({
      ...record,
      score: typeof score === "string" ? `There are no predictions: ${score}` : score,
    });
  }
  return runs;
}

/** Renders the page. */
export async function renderReport(
  runs: readonly ReportedRun[],
  opened: readonly (Pick<OpenedModel, "network" | "tensors"> | string)[],
): Promise<string> {
  const isOfSeveral = runs.length > 1;
  // The more runs, the smaller their pictures, so that the page stays small.
  const side = runs.length <= 3 ? 64 : 40;
  const sections: Html[] = [];
  for (const [i, { name, score }] of runs.entries()) {
    const options = { run: isOfSeveral ? name : undefined, id: String(i + 1), side };
    if (typeof score !== "string") sections.push(await renderScore(score, options));
    const model = opened[i]!;
    if (typeof model === "string") continue;
    const first = model.network.parameters.find(({ shape }) => shape.length === 4)?.name;
    sections.push(await renderFilters(first, model.tensors[first ?? ""], options));
  }
  const title = `Report on ${runs.map(({ name }) => name).join(", ")}`;
  const page = await renderPage({
    title,
    style: REPORT_STYLE,
    body: html`
      <a class="skip" href="#overview">Skip to the results</a>
      <header><h1>${title}</h1>${renderContents(runs, opened)}</header>
      <main>${renderOverview(runs)}${renderCurves(runs)}${sections}${renderSettings(runs)}</main>
      <footer>
        <p class="quiet">Made by deno task report.</p>
      </footer>
    `,
  });
  return BEGINNING + page.trim().replace(/^<!doctype html>\s*/i, "") + "\n";
}

function renderContents(
  runs: readonly ReportedRun[],
  opened: readonly unknown[],
): Html {
  const of = (name: string) => runs.length > 1 ? ` of ${name}` : "";
  const links = [
    ["overview", "Results"],
    ["curves", "Curves"],
    ...runs.flatMap(({ name, score }, i) => [
      ...typeof score === "string" ? [] : [[`confused-${i + 1}`, `Mistakes${of(name)}`]],
      ...typeof opened[i] === "string" ? [] : [[`filters-${i + 1}`, `Filters${of(name)}`]],
    ]),
    ["settings", "Settings"],
  ];
  return html`
    <nav aria-label="Contents">
      <ul>${links.map(([id, text]) => html`<li><a href="#${id}">${text}</a></li>`)}</ul>
    </nav>
  `;
}
