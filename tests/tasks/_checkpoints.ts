import {
  build,
  encodeSafetensors,
  getOrThrow,
  lenet,
  type StoredTensor,
} from "../../models/mod.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";

/** What a checkpoint says of its model, beside what LeNet's is. */
export interface CheckpointFacts {
  readonly classNames?: readonly string[];
  readonly classes?: number;
  readonly model?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly version?: number;
  /** Whether to leave out what Rill says of it, as other programs do. */
  readonly isForeign?: boolean;
}

/** Makes numbers of a pattern that are as good as drawn ones. */
const fill = (count: number, scale: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i * 12.9898 + count) * 0.5);

/** Writes a checkpoint of LeNet for gray images of 28 x 28. */
export async function writeCheckpoint(path: string, facts: CheckpointFacts = {}): Promise<void> {
  const { classNames, classes = classNames?.length ?? 10, isForeign = false } = facts;
  const { parameters } = getOrThrow(build(lenet({ classes }), [28, 28, 1]));
  const tensors: Record<string, StoredTensor> = Object.fromEntries(
    parameters.map(({ name, shape }) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: fill(count, 1) }];
    }),
  );
  const model = {
    name: "lenet",
    side: 28,
    channels: 1,
    classes,
    ...classNames && { classNames },
    activation: "relu",
    mean: 0.5,
    std: 0.25,
    resize: "stretch",
    orientation: "apply",
    ...facts.model,
  };
  const { settings, version = 2 } = facts;
  const metadata = isForeign ? { format: "pt" } : {
    rill: JSON.stringify({ version, model, ...settings && { settings } }),
  };
  await Deno.writeFile(path, await new Blob(encodeSafetensors(tensors, metadata)).bytes());
}

/** Writes a folder of pictures for each class, of several sizes. */
export async function writePictures(
  dir: string,
  classes: readonly string[],
  perClass: number,
): Promise<string[]> {
  const paths: string[] = [];
  for (const [label, name] of classes.entries()) {
    await Deno.mkdir(`${dir}/${name}`, { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const [height, width] = [20 + 3 * i, 30 + 5 * label];
      const data = Uint8Array.from(
        { length: height * width * 3 },
        (_, at) => (at * (label + 3) + i * 41 + at * at % 61) % 256,
      );
      const path = `${dir}/${name}/${i}.png`;
      await Deno.writeFile(path, await encodePng({ data, height, width, channels: 3 }));
      paths.push(path);
    }
  }
  return paths;
}
