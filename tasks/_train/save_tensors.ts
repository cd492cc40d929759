import {
  encodeSafetensors,
  type Network,
  type TrainState,
  type Variables,
} from "../../models/mod.ts";
import { releaseNumbers } from "../../models/ops/_ops.ts";
import {
  listOptimizerShapes,
  type NamedTensor,
  streamOptimizerState,
  streamVariables,
} from "../../models/weights/_stream_tensors.ts";
import type { TrainingThreads } from "./training_threads.ts";

/** A name and a shape. */
type NamedShape = readonly [name: string, shape: readonly number[]];

/** Encodes parameters as a safetensors file, whose parts are made as they are written. */
export const encodeParams = (
  network: Network,
  variables: Variables,
  metadata: Readonly<Record<string, string>>,
): AsyncIterable<Uint8Array> =>
  encodeStream(
    [...network.parameters, ...network.buffers].map(({ name, shape }) => [name, shape]),
    streamVariables(network, variables),
    metadata,
  );

/** Encodes an optimizer's state as a safetensors file, whose parts are made as they are written. All threads take part. */
export async function* encodeOptimizer(
  network: Network,
  { optimizer }: Pick<TrainState, "optimizer">,
  threads: Pick<TrainingThreads, "save" | "communicator">,
): AsyncGenerator<Uint8Array, void, undefined> {
  threads.save();
  yield* encodeStream(
    listOptimizerShapes(network, optimizer),
    streamOptimizerState(network, optimizer, threads.communicator),
  );
}

/** Encodes tensors whose names and shapes are known before. The memory of each part is given back once the next is asked for. */
async function* encodeStream(
  shapes: readonly NamedShape[],
  tensors: AsyncIterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  yield encodeHeader(shapes, metadata);
  for await (const [, { data }] of tensors) {
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    releaseNumbers(data);
  }
}

/** Encodes the header of a file, which depends on names and shapes alone. */
function encodeHeader(
  shapes: readonly NamedShape[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const counts = shapes.map(([, shape]) => shape.reduce((a, b) => a * b, 1));
  // Never touched, so that the system gives no memory for it.
  const numbers = new Float32Array(Math.max(0, ...counts));
  const [header = new Uint8Array()] = encodeSafetensors(
    Object.fromEntries(
      shapes.map(([name, shape], i) => [
        name,
        { shape: [...shape], data: numbers.subarray(0, counts[i]) },
      ]),
    ),
    metadata,
  );
  return header;
}
