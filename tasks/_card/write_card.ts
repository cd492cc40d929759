import { getOrThrow } from "../../models/mod.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import {
  describeReadError,
  hashBytes,
  joinPath,
  writeTextFileAtomically,
} from "../_files/files.ts";
import { describeInWay } from "../_files/own_file.ts";
import { RUN_VERSION } from "../_model/model_config.ts";
import { readModel } from "../_model/read_model.ts";
import { CARD, CONFIG, findParamsFile, LOG, openRunReader } from "../_model/run_files.ts";
import { type CardFacts, formatCard, type TestScore } from "./format_card.ts";

/** How the page on a run is written. */
export interface CardOptions {
  /** The license of the model, as the page is to name it; that of the page which is there by default. */
  readonly license?: string | undefined;
  /** Is told of files of the run that can't be used. */
  readonly note: (line: string) => void;
}

/** The last line of a page of ours: what the text before it hashes to, so that a page which somebody has changed stays. */
const MARK =
  /<!-- Written by Rill, which writes it anew as long as nobody has changed it: ([0-9a-f]{64}) -->\n$/;

/**
 * Writes the page that tells of a run into its folder, and gives its path.
 *
 * @throws {UsageError} If the folder holds no run, or a page that somebody else has written or changed.
 */
export async function writeCard(dir: string, { license, note }: CardOptions): Promise<string> {
  const path = joinPath(dir, CARD);
  const facts = await readFacts(dir, note);
  const old = await readOld(path);
  const given = license ?? /^license: (.+)$/m.exec(old)?.[1];
  const text = formatCard({ ...facts, license: given });
  const hash = await hashText(text);
  await writeTextFileAtomically(
    path,
    `${text}<!-- Written by Rill, which writes it anew as long as nobody has changed it: ${hash} -->\n`,
  );
  return path;
}

/** Writes the page on a run that has ended. That it can't be written is told and no error: what was trained is saved. */
export async function tellOfRun(dir: string, note: (line: string) => void): Promise<void> {
  try {
    await writeCard(dir, { note });
  } catch (error) {
    note(`card: ${formatError(error)}`);
  }
}

/** Reads the page that is there; nothing where there is none. */
async function readOld(path: string): Promise<string> {
  const inWay = await describeInWay(path);
  if (inWay !== undefined) {
    throw new UsageError(`Cannot write ${path} as it is ${inWay}, not a file`);
  }
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) return "";
  const mark = MARK.exec(text);
  if (mark && await hashText(text.slice(0, mark.index)) === mark[1]) return text;
  throw new UsageError(
    `Cannot write ${path} as somebody has written or changed the page that is there: move it away`,
  );
}

const hashText = (text: string): Promise<string> => hashBytes(new TextEncoder().encode(text));

/** Reads what there is to tell of a run. */
async function readFacts(
  dir: string,
  note: CardOptions["note"],
): Promise<Omit<CardFacts, "license">> {
  const config = await readConfig(dir);
  const { checkpoint } = await openRunReader(dir).load({ optimizer: false });
  const found = await findParamsFile(dir)();
  if (found._tag === "Right") found.right.warnings.forEach(note);
  return {
    ...config,
    history: checkpoint?.position?.history ?? [],
    test: await readTestScore(dir),
    file: found._tag === "Right" ? found.right.path.replace(/^.*[\\/]/, "") : undefined,
  };
}

/** Reads from a run's configuration what there is to tell of it. */
async function readConfig(
  dir: string,
): Promise<Pick<CardFacts, "model" | "settings" | "images">> {
  const refuse = (found: string): never => {
    throw new UsageError(`Cannot write a page on ${dir} as ${found}`);
  };
  const path = joinPath(dir, CONFIG);
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) {
      return refuse(`the folder holds no run: it has no ${CONFIG}`);
    }
    if (error instanceof Deno.errors.NotADirectory) {
      return refuse("it is a file: name the folder of the run");
    }
    throw new UsageError(describeReadError(path, error));
  });
  const damaged = (found: string): never => refuse(`its ${CONFIG} is damaged: ${found}`);
  let config: Readonly<Record<string, unknown>> | null;
  try {
    config = JSON.parse(text);
  } catch (error) {
    return damaged(formatError(error));
  }
  const { version, settings, data } = config ?? {};
  if (Number(version ?? 1) > RUN_VERSION) {
    return refuse(`its ${CONFIG} is of version ${version}: this reads up to ${RUN_VERSION}`);
  }
  const model = readModel(config?.model);
  if (model._tag === "Left") return damaged(model.left);
  if (!isRecord(settings)) return damaged("it has no object of settings");
  const wrong = Object.keys(settings).find((name) => isRecord(settings[name]));
  if (wrong !== undefined) return damaged(`the setting ${wrong} is an object`);
  // Runs from before the first release have no mark of their data.
  const images = isRecord(data) ? data.images : undefined;
  if (images !== undefined && !Number.isSafeInteger(images)) {
    return damaged(`the number of its images is ${JSON.stringify(images)}`);
  }
  return { model: getOrThrow(model), settings, images: images as number | undefined };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads from a run's log how its best parameters did on the test images, if they were scored. */
async function readTestScore(dir: string): Promise<TestScore | undefined> {
  const log = await Deno.readTextFile(joinPath(dir, LOG)).catch(() => "");
  const line = log.split("\n").findLast((line) => line.includes('"event":"test"'));
  try {
    const { accuracy, loss, images } = JSON.parse(line ?? "{}");
    return typeof accuracy === "number" ? { accuracy, loss, images } : undefined;
  } catch {
    return undefined;
  }
}
