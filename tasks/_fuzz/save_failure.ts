import { quotePath } from "../_cli/errors.ts";
import { formatCommand } from "../_cli/program.ts";
import { joinPath, writeFileAtomically } from "../_files/files.ts";
import type { FuzzFailure } from "./run_fuzz.ts";

/**
 * Saves the input of a failure in a folder.
 *
 * @returns The error that names the failure and the file.
 */
export async function saveFailure(
  { decoder, seed, input, problem }: FuzzFailure,
  dir: string,
): Promise<Error> {
  const file = joinPath(dir, `fuzz-${decoder}-${seed}.bin`);
  await writeFileAtomically(file, [input]);
  return new Error(
    `Cannot trust the decoder of ${decoder} as seed ${seed} shows: ${problem}; ` +
      `saved for: ${formatCommand(`fuzz --decoder ${decoder} --input ${quotePath(file)}`)}`,
  );
}
