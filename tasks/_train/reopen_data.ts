import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { DataSet } from "../_data/open_data.ts";
import { type DataMark, markData } from "./run_config.ts";
import { chooseData, type RunRequest } from "./run_request.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** The data of a run, and their mark. */
export interface MarkedData {
  readonly data: DataSet;
  readonly mark: DataMark;
}

/**
 * Opens the data of a run that was planned before, or on another host, which must be the same.
 *
 * @param expected Marks them; whatever there is will do by default.
 * @param refuse Makes the error of other data, from their mark; from none where there are fewer images than the run takes.
 */
export const reopenData = (
  request: Pick<RunRequest, "flags" | "note">,
  settings: TrainSettings,
  expected: DataMark | undefined,
  refuse: (found: DataMark | undefined) => Error,
): TE.TaskEither<Error, MarkedData> =>
  pipe(
    chooseData(request, settings, settings),
    TE.mapLeft((error) => isOfNumbers(error, request) ? refuse(undefined) : error),
    TE.chain((data) =>
      attempt(async () => {
        const mark = await markData(data);
        const { images, labels } = expected ?? mark;
        if (mark.images !== images || mark.labels !== labels) throw refuse(mark);
        return { data, mark };
      })
    ),
  );

/** Outlines the splits that all ranks of a run read. */
export const outlineData = (
  { train, validation, test }: Pick<DataSet, "train" | "validation" | "test">,
): Promise<string[]> =>
  Promise.all([train, validation ?? test].flatMap((split) => split ? [split.outline()] : []));

/** Whether an error is about numbers of images that nobody has given now. */
const isOfNumbers = (error: Error, { flags }: Pick<RunRequest, "flags">): boolean =>
  flags.images === undefined && flags.testImages === undefined && error instanceof UsageError &&
  /^Cannot use --(test-)?images /.test(error.message);
