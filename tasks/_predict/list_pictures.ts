import { imageFolder } from "../../pipelines/codecs/image_folder.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import { describeGone } from "../_data/sources/files.ts";

/** A picture that was asked for. */
export interface Picture {
  /** Its path, or what stands for it, for people. */
  readonly name: string;
  /** Reads its file. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What the command line asks for. */
export interface Pictures {
  readonly pictures: readonly Picture[];
  /** What is wrong with the words that name none, a line each. */
  readonly problems: readonly string[];
}

/**
 * Lists the pictures that a command line names: files, whatever their extension; all pictures in a folder and below it, in
 * order; and for `-` the bytes on standard input.
 *
 * @throws {UsageError} If it names nothing, or standard input twice.
 */
export async function listPictures(operands: readonly string[]): Promise<Pictures> {
  if (operands.length === 0) {
    throw new UsageError(
      "Cannot predict without pictures: name files or folders, or - for standard input",
    );
  }
  if (operands.filter((word) => word === "-").length > 1) {
    throw new UsageError("Cannot predict - twice: standard input is read once");
  }
  const pictures: Picture[] = [];
  const problems: string[] = [];
  for (const word of operands) {
    try {
      pictures.push(...await listWord(word));
    } catch (error) {
      const reason = error instanceof Deno.errors.NotFound
        ? "there is no such file"
        : formatError(error).replace(/^Cannot .*? as /s, "");
      problems.push(describeProblem(word, reason));
    }
  }
  return { pictures, problems };
}

/** Describes why there is no prediction for a picture, in one line. */
export const describeProblem = (name: string, reason: string): string =>
  `error: ${formatError(`Cannot predict ${name} as ${reason}`)}`;

async function listWord(word: string): Promise<Picture[]> {
  if (word === "-") {
    const read = async () => await new Response(Deno.stdin.readable).bytes();
    return [{ name: "standard input", read }];
  }
  const { isDirectory } = await Deno.stat(word);
  if (!isDirectory) return [{ name: word, read: () => readFile(word) }];
  const { paths } = await imageFolder(word, { classes: false, followLinks: "anywhere" });
  return paths.map((path) => ({ name: path, read: () => readFile(path) }));
}

async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new Error(describeGone(error), { cause: error });
  }
}
