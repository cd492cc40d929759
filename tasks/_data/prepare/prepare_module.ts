import { flow } from "fp-ts/lib/function.js";
import type { Example, Stage } from "../../../pipelines/mod.ts";
import type { StoredRecord } from "../sets/data_set.ts";
import type { PrepareParameters } from "./preprocessing.ts";
import { createPrepareStages, type ImageStage } from "./stages.ts";

/** Creates the stage of the workers that prepare images, and of the thread that does without. */
export default function createPrepareStage(
  parameters: PrepareParameters,
): Stage<StoredRecord, Example<Uint8Array<ArrayBuffer>>> {
  const { decode, others } = createPrepareStages(parameters);
  const rest = others.reduce<ImageStage>(
    (before, [, stage]) => flow(before, stage),
    (examples) => examples,
  );
  return flow(decode, rest);
}
