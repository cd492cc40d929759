import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm1d,
  batchNorm2d,
  build,
  conv2d,
  gelu,
  getOrThrow,
  globalAvgPool2d,
  importParams,
  type Layer,
  layerNorm,
  leakyRelu,
  linear,
  localResponseNorm,
  maxPool2d,
  randomKey,
  relu,
  relu6,
  sigmoid,
  silu,
  tanh,
  toTensor,
} from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { backendTest } from "../_helpers.ts";
import {
  assertStored,
  type LayerReference,
  readAtRest,
  readLayerReferences,
} from "../networks/_references.ts";

const BUILDERS: Readonly<Record<string, (options: never) => Layer>> = {
  adaptiveAvgPool2d: ({ outputSize }: { outputSize: number }) => adaptiveAvgPool2d(outputSize),
  avgPool2d,
  batchNorm1d,
  batchNorm2d,
  conv2d,
  gelu,
  globalAvgPool2d,
  layerNorm,
  leakyRelu: ({ slope }: { slope?: number }) => leakyRelu(slope),
  linear: ({ units, ...options }: { units: number }) => linear(units, options),
  localResponseNorm,
  maxPool2d,
  relu,
  relu6,
  sigmoid,
  silu,
  tanh,
};

/** What float32 may differ from PyTorch's float64 by, in units of the largest number. */
const TOLERANCE = 1e-5;

for (const kind of Object.keys(BUILDERS)) {
  backendTest(`${kind}() computes what PyTorch's does, forward and backward`, async () => {
    for (const reference of await readLayerReferences()) {
      if (reference.kind === kind) await compare(reference);
    }
  });
}

async function compare(reference: LayerReference): Promise<void> {
  const { kind, options, training, input, output, inputGradient } = reference;
  const what = `${kind} ${JSON.stringify(options)} of ${input.shape}${training ? "" : " in use"}`;
  const network = getOrThrow(build(BUILDERS[kind]!(options as never), input.shape.slice(1)));
  const variables = getOrThrow(
    importParams(network, { ...reference.params, ...reference.buffers }),
  );
  const { params, buffers } = variables;
  const pass = { training, key: randomKey(0) };
  const x = toTensor(input.data, input.shape);
  const weights = toTensor(reference.outputGradient.data, reference.outputGradient.shape);
  const applied = network.apply(variables, x, pass);
  assertStored(await applied.output.data(), output, TOLERANCE, what);
  const after = await readAtRest(network.buffers, applied.buffers);
  for (const [name, expected] of Object.entries(reference.buffersAfter ?? reference.buffers)) {
    assertStored(after[name]!.data, expected, TOLERANCE, `${what}, ${name}`);
  }
  const { gradients } = ops.valueAndGrad<string>(
    { ...params, input: x },
    ({ input, ...params }) =>
      ops.sum(ops.multiply(network.apply({ params, buffers }, input!, pass).output, weights)),
  );
  assertStored(await gradients.input!.data(), inputGradient, TOLERANCE, `${what}, the input`);
  const rest = await readAtRest(network.parameters, gradients);
  for (const [name, expected] of Object.entries(reference.gradients)) {
    assertStored(rest[name]!.data, expected, TOLERANCE, `${what}, the gradient of ${name}`);
  }
}
