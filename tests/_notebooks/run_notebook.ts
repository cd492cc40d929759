import { findProgram } from "../_package/find_program.ts";
import { root } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";
import type { Notebook } from "./format_notebook.ts";

/** Finds what is missing to run notebooks, if anything. */
export async function findMissing(): Promise<string | undefined> {
  return await findProgram("jupyter-nbconvert") ? undefined : "no jupyter-nbconvert";
}

/** How a notebook is run. */
export interface RunOptions {
  /** Whether it takes as few images as it can. */
  readonly quick: boolean;
  /** The most milliseconds that it may take. */
  readonly patience: number;
}

/**
 * Runs a notebook from its first cell to its last, with Deno's kernel, which is installed for that in a home directory that is removed
 * afterwards.
 *
 * @param path Its path in the project.
 * @returns The notebook with its outputs.
 * @throws {Error} If a cell throws; the message has the cell and the error.
 */
export async function runNotebook(
  path: string,
  { quick, patience }: RunOptions,
): Promise<Notebook> {
  const home = await Deno.makeTempDir({ prefix: "rill-notebook-" });
  try {
    const { denoDir } = JSON.parse(await runForOutput(Deno.execPath(), ["info", "--json"], root));
    const env = {
      HOME: home,
      DENO_DIR: denoDir,
      // A kernel that was not told talks to whoever looks for updates.
      DENO_NO_UPDATE_CHECK: "1",
      ...quick && { RILL_NOTEBOOK: "quick" },
    };
    await runForOutput(Deno.execPath(), ["jupyter", "--install"], root, patience, env);
    const args = ["--to", "notebook", "--execute", "--stdout", "--log-level", "ERROR"];
    const seconds = Math.ceil(patience / 1000);
    // Drawings come behind the answer, and on a busy machine later than the four seconds for which they are waited for, else.
    const limits = [
      `--ExecutePreprocessor.timeout=${seconds}`,
      `--ExecutePreprocessor.iopub_timeout=${seconds}`,
      "--ExecutePreprocessor.raise_on_iopub_timeout=True",
    ];
    const text = await runForOutput(
      "jupyter-nbconvert",
      [...args, ...limits, `${root}${path}`],
      root,
      patience,
      env,
    );
    return JSON.parse(text);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
