import { joinPath } from "../../_files/files.ts";
import { checkFile, rejectFile } from "./check_file.ts";
import type { DatasetFile, FileFacts, Manifest } from "./dataset.ts";
import { DatasetError, formatCause, formatProblem } from "./dataset_error.ts";
import { type Address, download, type Patience } from "./download.ts";
import { createDownloadBar } from "./download_bar.ts";

/**
 * Downloads files of a data set into `dir`. A file bears its name only once its content has been checked; until then it
 * is a `.part`, from which the next run goes on.
 *
 * @returns The reason of each address that failed; empty if every file came.
 * @throws {DatasetError} If nothing can be written to `dir`.
 */
export async function downloadFiles(
  dir: string,
  keys: readonly DatasetFile[],
  manifest: Manifest,
  { log, quiet, patience }: { log: (line: string) => void; quiet: boolean; patience: Patience },
): Promise<string[]> {
  const reasons: string[] = [];
  let addresses: Address[] = manifest.addresses.map((url) => ({ url, answered: false }));
  for (const key of keys) {
    let done = false;
    for (const address of addresses) {
      if (done) break;
      try {
        await downloadFile(address, dir, manifest.files[key], { log, quiet, patience });
        done = true;
      } catch (error) {
        if (error instanceof DatasetError) throw error;
        reasons.push(`${address.url}: ${formatCause(error)}`);
        log(`data: cannot download from ${address.url}: ${formatCause(error)}`);
        // An address that fails one file after all those tries would fail the next as slowly.
        addresses = addresses.filter((other) => other !== address);
      }
    }
    if (!done) return reasons;
  }
  return [];
}

async function downloadFile(
  address: Address,
  dir: string,
  facts: FileFacts,
  { log, quiet, patience }: { log: (line: string) => void; quiet: boolean; patience: Patience },
): Promise<void> {
  const name = `${facts.name}.gz`;
  const path = joinPath(dir, name);
  const part = `${path}.part`;
  // A part may stem from another address, which compressed the same content to other bytes, or the server's file may have
  // changed in between: then a second download, from the start, is due.
  for (let tries = 1;; tries++) {
    let joined: boolean;
    const bar = quiet ? undefined : createDownloadBar(name);
    try {
      ({ joined } = await download(address, name, part, {
        patience,
        onProgress: (received, total) => bar?.update(received, total),
      }));
    } finally {
      bar?.clear();
    }
    const problem = await checkFile(part, facts);
    if (!problem) {
      await Deno.rename(part, path);
      log(`data: downloaded ${name} from ${address.url} (checked)`);
      return;
    }
    const refused = formatProblem(await rejectFile(problem));
    if (!joined || tries > 1) throw new Error(refused);
    log(`data: ${refused}; downloading it again`);
  }
}
