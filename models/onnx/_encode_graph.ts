// From a network's tree of layers to a graph.
import type { LayerNode, Network } from "../layers/network.ts";
import type { StoredTensor } from "../weights/checkpoint.ts";
import { encodeAs, encodeGelu, encodeLeakyRelu, encodeRelu6, encodeSilu } from "./_activations.ts";
import {
  encodeAverageFlips,
  encodeAverageTenCrops,
  encodeInUse,
  encodeNothing,
  encodeParallel,
  encodeResidual,
  encodeSequential,
} from "./_containers.ts";
import { Graph } from "./_graph.ts";
import type { Encoding, LayerEncoder } from "./_layer_encoder.ts";
import { encodeBatchNorm, encodeLayerNorm, encodeLocalResponseNorm } from "./_normalizations.ts";
import { OnnxError } from "./onnx_error.ts";
import {
  encodeAdaptiveAvgPool2d,
  encodeAvgPool2d,
  encodeGlobalAvgPool2d,
  encodeMaxPool2d,
} from "./_pools.ts";
import { encodeAffine, encodeConv2d, encodeLinear } from "./_products.ts";

/** The encoders by the kinds of layers. */
const ENCODERS: Readonly<Record<string, LayerEncoder>> = {
  adaptiveAvgPool2d: encodeAdaptiveAvgPool2d,
  affine: encodeAffine,
  averageFlips: encodeAverageFlips,
  averageTenCrops: encodeAverageTenCrops,
  avgPool2d: encodeAvgPool2d,
  batchNorm1d: encodeBatchNorm,
  batchNorm2d: encodeBatchNorm,
  conv2d: encodeConv2d,
  dropout: encodeNothing,
  flatten: (node, x, { graph }) =>
    graph.add(node.name, { type: "Flatten", inputs: [x], attributes: { axis: 1 } }),
  gelu: encodeGelu,
  globalAvgPool2d: encodeGlobalAvgPool2d,
  identity: encodeNothing,
  inUse: encodeInUse,
  layerNorm: encodeLayerNorm,
  leakyRelu: encodeLeakyRelu,
  linear: encodeLinear,
  localResponseNorm: encodeLocalResponseNorm,
  maxPool2d: encodeMaxPool2d,
  parallel: encodeParallel,
  relu: encodeAs("Relu"),
  relu6: encodeRelu6,
  residual: encodeResidual,
  sequential: encodeSequential,
  sigmoid: encodeAs("Sigmoid"),
  silu: encodeSilu,
  tanh: encodeAs("Tanh"),
};

/** The names of the graph's input and output. */
export const [INPUT, OUTPUT] = ["input", "logits"] as const;

/** Encodes a network with the tensors that fit it. Throws an OnnxError for a layer that can't be encoded. */
export function encodeGraph(
  { root, parameters, buffers }: Pick<Network, "root" | "parameters" | "buffers">,
  tensors: ReadonlyMap<string, StoredTensor>,
): Graph {
  const names = [...parameters, ...buffers].map(({ name }) => name);
  const graph = new Graph([INPUT, OUTPUT, ...names]);
  const nameOf = (node: LayerNode, own: string) => node.name ? `${node.name}.${own}` : own;
  const getTensor: Encoding["getTensor"] = (node, own) => {
    const tensor = tensors.get(nameOf(node, own));
    if (tensor) return tensor;
    throw new OnnxError(node, `its kind ${node.kind?.type} needs a tensor ${nameOf(node, own)}`);
  };
  const encoding: Encoding = {
    graph,
    getTensor,
    addTensor: (node, own) => {
      const { shape, data } = getTensor(node, own);
      return graph.keep(nameOf(node, own), shape, data);
    },
    encode: (node, x) => findEncoder(node)(node, x, encoding),
  };
  graph.end(encoding.encode(root, INPUT), OUTPUT);
  return graph;
}

function findEncoder(node: LayerNode): LayerEncoder {
  const { kind } = node;
  if (!kind) {
    throw new OnnxError(node, "it has no kind, by which it would be known; give its plan one");
  }
  const encode = Object.hasOwn(ENCODERS, kind.type) ? ENCODERS[kind.type] : undefined;
  if (encode) return encode;
  throw new OnnxError(node, `its kind ${kind.type} isn't known`);
}
