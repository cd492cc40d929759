import { isUndecodable } from "../_data/prepare/bad_records.ts";
import type { BadRecords } from "../_data/prepare_images.ts";
import type { ClassShare } from "../_predict/print_prediction.ts";
import type { Predictor } from "../_predict/with_predictor.ts";
import { refusePicture } from "./read_picture.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** All classes of a picture, the likeliest first. */
export type Ranking = readonly ClassShare[];

/**
 * Makes the function that predicts pictures together: their files' bytes, at most `batchSize`. For one that can't be decoded it gives
 * the error.
 */
export function createGroupPredictor(
  { predict, names }: Pick<Predictor, "predict" | "names">,
  batchSize: number,
): (pictures: readonly Bytes[]) => Promise<(Ranking | Error)[]> {
  return async (pictures) => {
    const results: (Ranking | Error)[] = [];
    const badRecords: BadRecords = {
      policy: ({ record, error }) => {
        if (!isUndecodable(error)) return "fail";
        results[record.label] = refusePicture(error);
        return "skip";
      },
      count: 0,
      first: new Map(),
      format: () => undefined,
    };
    // As of a folder's: of any size, in color.
    const stored = { size: undefined, channels: 3 } as const;
    const predictAll = predict(stored, { batchSize, top: names.length, badRecords });
    const records = pictures.map((bytes, label) => ({ bytes, label }));
    for await (const { labels, ranked } of predictAll(ReadableStream.from(records))) {
      ranked.forEach((ranking, row) => results[labels[row]!] = ranking);
    }
    return results;
  };
}
