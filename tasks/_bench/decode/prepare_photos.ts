import { flow } from "fp-ts/lib/function.js";
import { decodeImage } from "../../../pipelines/codecs/decode_image.ts";
import type { EncodedImage } from "../../../pipelines/data/encoded_image.ts";
import type { Example } from "../../../pipelines/data/example.ts";
import { flipHorizontal } from "../../../pipelines/images/random/flip.ts";
import { randomRegion } from "../../../pipelines/images/random/random_region.ts";
import { resize } from "../../../pipelines/images/resize.ts";
import type { Stage } from "../../../pipelines/stage/stage.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The side of the network's pictures, as in `torchvision_photos.py`. */
const SIDE = 224;

/**
 * Makes the stage from files to pictures of the network's size: cropped at random, decoded, resized and mirrored at random. Its
 * module imports no more than that, as each worker loads it.
 */
export default function preparePhotos(): Stage<EncodedImage, Example<Bytes>> {
  return flow(
    randomRegion()<EncodedImage>,
    decodeImage({ channels: 3 }),
    resize({ height: SIDE, width: SIDE })<Bytes>,
    flipHorizontal()<Bytes>,
  );
}
