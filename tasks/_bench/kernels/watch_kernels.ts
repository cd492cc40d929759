import * as tf from "@tensorflow/tfjs-core";

/** One call of a kernel of the backend that is open. */
export interface KernelCall {
  /** The kernel and the shapes that it got: `Conv2D 8×26×26×96, 5×5×96×256`. */
  readonly name: string;
  /** Floating-point operations, of a product; 0 for others. */
  readonly flops: number;
  /** The count before and after it. */
  readonly from: number;
  readonly to: number;
}

type Call = Parameters<tf.KernelFunc>[0];
type Shaped = { readonly shape: readonly number[] };

/**
 * Writes down the calls of kernels while something runs, without those that kernels make of each other.
 *
 * @param count Tells how much has been done so far: dispatches, or milliseconds.
 */
export function watchKernels(run: () => void, count: () => number): KernelCall[] {
  const backendName = tf.getBackend();
  const configs = tf.getKernelsForBackend(backendName);
  const calls: KernelCall[] = [];
  let depth = 0;
  const replace = (config: tf.KernelConfig) => {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel(config);
  };
  for (const config of configs) {
    replace({
      ...config,
      kernelFunc: (call) => {
        const from = count();
        depth++;
        try {
          const result = config.kernelFunc(call);
          if (depth === 1) {
            calls.push({ ...describeCall(config.kernelName, call, result), from, to: count() });
          }
          return result;
        } finally {
          depth--;
        }
      },
    });
  }
  try {
    run();
  } finally {
    for (const config of configs) replace(config);
  }
  return calls;
}

function describeCall(
  kernelName: string,
  { inputs, attrs }: Call,
  result: tf.TensorInfo | tf.TensorInfo[],
): Pick<KernelCall, "name" | "flops"> {
  const named = inputs as Readonly<Record<string, Shaped | undefined>>;
  const settings = (attrs ?? {}) as Readonly<Record<string, unknown>>;
  const shapes = (Object.values(inputs).flat() as (Shaped | null | undefined)[])
    .flatMap((x) => x ? [x.shape.length === 0 ? "scalar" : x.shape.join("×")] : []);
  // An optimizer's are all alike, or those of all parameters.
  const alike = shapes.length > 2 ? [...new Set(shapes)] : shapes;
  const told = alike.length > MOST_TOLD ? [`${shapes.length} tensors`] : alike;
  const transposed = ["transposeA", "transposeB"].filter((name) => settings[name]);
  const output = Array.isArray(result) ? result[0] : result;
  return {
    name: [`${kernelName.replace(/^Rill/, "")} ${told.join(", ")}`, ...transposed].join(", "),
    flops: countFlops(kernelName, named, settings, output),
  };
}

/** The most shapes that a call is named by. */
const MOST_TOLD = 4;

/** Counts the operations of a convolution, of one of its gradients or of a product of matrices, by the names of their operands. */
function countFlops(
  kernelName: string,
  { filter, a, dy }: Readonly<Record<string, Shaped | undefined>>,
  { filterShape, transposeA }: Readonly<Record<string, unknown>>,
  output: Shaped | undefined,
): number {
  // Of `[height, width, inputs, outputs]` or `[inputs, outputs]`: each result takes a column of it.
  const filters = filter?.shape ?? filterShape as readonly number[] | undefined;
  const result = dy ?? output;
  if (filters && result) {
    return 2 * countElements(result.shape) * countElements(filters) / filters.at(-1)!;
  }
  if (!kernelName.includes("MatMul") || !a || !output) return 0;
  return 2 * countElements(output.shape) * a.shape.at(transposeA ? -2 : -1)!;
}

const countElements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
