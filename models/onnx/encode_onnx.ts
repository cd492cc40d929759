/**
 * Networks as ONNX, which other programs run.
 *
 * @module
 */

import { create, toBinary } from "@bufbuild/protobuf";
import type { Network } from "../layers/network.ts";
import { type Either, left, right } from "../types/either.ts";
import { matchParams } from "../weights/_match_params.ts";
import type { StoredTensor } from "../weights/checkpoint.ts";
import type { CheckpointError } from "../weights/checkpoint_error.ts";
import { encodeGraph, INPUT, OUTPUT } from "./_encode_graph.ts";
import { toChannelsFirst } from "./_layer_encoder.ts";
import {
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./_onnx_pb.ts";
import { OnnxError } from "./onnx_error.ts";

export type { Network } from "../layers/network.ts";
export type { Either } from "../types/either.ts";
export type { StoredTensor } from "../weights/checkpoint.ts";
export type { CheckpointError } from "../weights/checkpoint_error.ts";
export { OnnxError } from "./onnx_error.ts";

/** What an ONNX file says besides the network. */
export interface OnnxOptions {
  /** What the model is, for people. */
  readonly description?: string;
  /** Free text by name, such as the classes and how images are prepared: the file's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The version of the operators, which has had layer normalization since. */
const OPSET = 17n;

/** The version of the format that came with them. */
const IR_VERSION = 8n;

/** The most bytes of parameters: a message of Protocol Buffers ends before 2 GiB. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;

/**
 * Encodes a network as ONNX, as it is in use: dropout does nothing, and batch normalization takes its running statistics. The
 * graph is made from the layers' kinds, of operators of opset 17. Its input `input` is a batch of any size, float32 with the
 * channels first, `[batch, channels, height, width]`; its output `logits` is what the network gives.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { build, exportParams, getOrThrow, lenet, openBackend, randomKey } from "@rill/rill/models";
 * import { encodeOnnx } from "@rill/rill/models/encode-onnx";
 *
 * await using _backend = await openBackend("wasm");
 * const network = getOrThrow(build(lenet(), [28, 28, 1]));
 * const tensors = await exportParams(network, network.init(randomKey(0)));
 * const bytes = getOrThrow(encodeOnnx(network, tensors, { metadata: { classes: "0 to 9" } }));
 * // Deno.writeFile("lenet.onnx", bytes) makes a file of it.
 * assert(bytes.length > 4 * 61_706);
 * ```
 *
 * @param network The network.
 * @param tensors Its parameters and buffers at rest, as `exportParams` gives them and checkpoints have them.
 * @param options What the file says besides.
 * @returns The bytes of the file; or the error that names the layer which has no kind, or one that isn't known, or the tensors
 * that don't fit.
 */
export function encodeOnnx(
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
  { description = "", metadata = {} }: OnnxOptions = {},
): Either<OnnxError | CheckpointError, Uint8Array<ArrayBuffer>> {
  const matches = matchParams(network, tensors);
  if (matches._tag === "Left") return matches;
  const size = matches.right.reduce((sum, { stored }) => sum + stored.data.byteLength, 0);
  if (size > MOST_BYTES) {
    const reason = `its parameters take ${size} bytes, and such a file has less than 2 GiB`;
    return left(new OnnxError(network.root, reason));
  }
  try {
    const { nodes, constants } = encodeGraph(
      network,
      new Map(matches.right.map(({ name, stored }) => [name, stored])),
    );
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET }],
      producerName: "rill",
      docString: description,
      graph: {
        name: "network",
        node: nodes,
        initializer: constants,
        input: [describeValue(INPUT, network.inputShape)],
        output: [describeValue(OUTPUT, network.outputShape)],
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return right(toBinary(ModelProtoSchema, model));
  } catch (error) {
    if (error instanceof OnnxError) return left(error);
    throw error;
  }
}

/** Describes a batch of any size. */
function describeValue(name: string, shape: readonly number[]): ValueInfoProto {
  const lengths = toChannelsFirst(shape).map((length) =>
    ({ value: { case: "dimValue", value: BigInt(length) } }) as const
  );
  const dim = [{ value: { case: "dimParam", value: "batch" } } as const, ...lengths];
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: tensor } },
  });
}
