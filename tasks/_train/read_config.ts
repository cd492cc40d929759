import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, formatError, UsageError } from "../_cli/errors.ts";
import type { Flag } from "../_cli/flags.ts";
import { suggestWord } from "../_cli/suggest_word.ts";
import { describeReadError, joinPath } from "../_files/files.ts";
import { CONFIG, isFolder } from "../_model/run_files.ts";
import type { Given } from "./settings/choose_settings.ts";
import { RUN_VERSION } from "../_model/model_config.ts";
import { trainFlags } from "./train_flags.ts";
import { chapter } from "./settings/train_settings.ts";

/** What such a file has at its top. */
const PARTS = ["version", "model", "settings", "data", "pipeline", "weights", "from", "runtime"];

/**
 * Reads the settings of a configuration, as each run writes one to its folder; fails if it is no such file, or a key or value in it
 * is none that the flags take.
 *
 * @param path The file, or the folder of a run.
 */
export const readConfig = (path: string): TE.TaskEither<Error, Given> =>
  pipe(
    attempt(async () => {
      const file = await isFolder(path) ? joinPath(path, CONFIG) : path;
      return await Deno.readTextFile(file).catch((error) => {
        throw new UsageError(describeReadError(file, error));
      });
    }),
    TE.chainEitherKW((text) => parseConfig(text, path)),
  );

/** Parses the text of a configuration. */
export function parseConfig(text: string, path: string): E.Either<UsageError, Given> {
  const refuse = (reason: string) => new UsageError(`Cannot use --config ${path} as ${reason}`);
  return pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      (error) => refuse(`it is not JSON: ${formatError(error)}`),
    ),
    E.filterOrElse(isRecord, () => refuse("it is not an object")),
    E.chain((config) => {
      const unknown = Object.keys(config).find((key) => !PARTS.includes(key));
      if (unknown !== undefined) return E.left(refuse(describeUnknown(unknown, PARTS)));
      const { settings, version = 1 } = config;
      if (typeof version !== "number" || version > RUN_VERSION) {
        return E.left(refuse(`it is of version ${version}: this reads up to ${RUN_VERSION}`));
      }
      if (!isRecord(settings)) return E.left(refuse("it has no object of settings"));
      return E.right(settings);
    }),
    E.chain((settings) => {
      // Older names are understood, and gone afterwards.
      const { decay, deviation, ...rest } = settings;
      const renamed = {
        ...decay !== undefined && { schedule: decay === "none" ? "constant" : decay },
        ...deviation !== undefined && { std: deviation },
      };
      return pipe(
        Object.entries({ ...renamed, ...rest }),
        E.traverseArray(([key, value]) => pipe(readSetting(key, value), E.mapLeft(refuse))),
        E.map((entries) => Object.fromEntries(entries) as Given),
      );
    }),
  );
}

const settingFlags: Readonly<Record<string, Flag<unknown>>> = Object.fromEntries(
  Object.entries(trainFlags).filter(([key]) => key in chapter),
);

/** Reads a setting as its flag does. What is empty there is not given. */
function readSetting(
  key: string,
  value: unknown,
): E.Either<string, readonly [string, unknown]> {
  const flag = Object.hasOwn(settingFlags, key) ? settingFlags[key] : undefined;
  if (!flag) return E.left(describeUnknown(key, Object.keys(settingFlags)));
  // No stages of one's own, nothing to test on.
  if (value === "" || (key === "testImages" && value === 0)) return E.right([key, undefined]);
  const text = typeof value === "string"
    ? value
    : Array.isArray(value)
    ? value.join(",")
    : String(value);
  return pipe(
    flag.read(text),
    E.bimap(
      (needed) => `${key} must be ${needed}, not ${JSON.stringify(value)}`,
      (read) => [key, read],
    ),
  );
}

function describeUnknown(key: string, known: readonly string[]): string {
  const suggestion = suggestWord(key, known);
  return `its key ${JSON.stringify(key)} is not known` +
    (suggestion ? ` (did you mean ${suggestion}?)` : "");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
