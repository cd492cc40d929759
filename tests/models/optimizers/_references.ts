// Numbers that PyTorch computed, and the optimizers that they are of.
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import { assertClose, decodeFloats } from "../_helpers.ts";

/** One optimizer, and the parameters after each of its steps. */
export interface Case {
  readonly optimizer: "sgd" | "adam" | "adamw" | "rmsprop" | "adagrad" | "adadelta";
  readonly options: Readonly<Record<string, number | boolean>>;
  /** Pieces and what they are given; and the weights of the batches that make a step. */
  readonly pieces: Readonly<Record<string, readonly unknown[]>> & {
    readonly weights?: readonly number[];
  };
  readonly after: readonly string[];
  readonly average?: readonly string[];
}

interface References {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly start: string;
  readonly gradients: readonly string[];
  readonly cases: readonly Case[];
  readonly schedules: readonly {
    readonly schedule: string;
    readonly options: Readonly<Record<string, number>> & { readonly peak: number };
    readonly values: readonly number[];
    readonly warmup?: models.WarmupOptions;
  }[];
}

const url = new URL("_references/optimizers.json", import.meta.url);

/** The references. */
export const references: References = JSON.parse(await Deno.readTextFile(url));

/** The numbers of all parameters, one after the other. */
export const decode = decodeFloats;

/** Splits numbers by parameter. */
export function split(all: Float32Array<ArrayBuffer>): Record<string, Float32Array<ArrayBuffer>> {
  let at = 0;
  return Object.fromEntries(
    Object.entries(references.shapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, all.slice(at, at += size)];
    }),
  );
}

/** Makes tensors of the numbers of all parameters. */
export function toTensors(all: Float32Array<ArrayBuffer>): Record<string, models.Tensor> {
  return Object.fromEntries(
    Object.entries(split(all)).map(([name, numbers]) => [
      name,
      models.toTensor(numbers, references.shapes[name]!),
    ]),
  );
}

/** Reads the numbers of all parameters. */
export async function readAll(params: models.Params): Promise<Float32Array> {
  const names = Object.keys(references.shapes);
  const parts = await Promise.all(names.map(async (name) => [...await params[name]!.data()]));
  return Float32Array.from(parts.flat());
}

/** Names a case. */
export function describeCase({ optimizer, options, pieces }: Case): string {
  return `${optimizer} ${JSON.stringify(options)} ${JSON.stringify(pieces)}`;
}

/** Makes the optimizer of a case. */
export function makeOptimizer({ optimizer, options, pieces }: Case): models.Optimizer {
  const { weights: _, ...others } = pieces;
  const make = models[optimizer] as (options: object) => models.Optimizer;
  return Object.entries(others).reduce((made, [name, given]) => {
    const piece = (models as unknown as Record<
      string,
      (...given: readonly unknown[]) => (optimizer: models.Optimizer) => models.Optimizer
    >)[name]!;
    return pipe(made, piece(...given));
  }, make(options));
}

/** Updates as a case does, and compares the parameters and their averages after each step, or some, with PyTorch's. */
export async function compareCase(
  case_: Case,
  optimizer: models.Optimizer = makeOptimizer(case_),
  compares: (step: number) => boolean = () => true,
): Promise<void> {
  const weights = case_.pieces.weights ?? [1];
  const start = toTensors(decode(references.start));
  let params: models.Params = start;
  let state = models.initOptimizerState(optimizer, params);
  for (const [step, expected] of case_.after.entries()) {
    for (const [i, weight] of weights.entries()) {
      const { gradients: all } = references;
      const gradients = toTensors(decode(all[(step * weights.length + i) % all.length]!));
      ({ params, state } = models.updateByOptimizer(optimizer, {
        params,
        gradients,
        state,
        weight,
      }));
      for (const tensor of Object.values(gradients)) tensor.dispose();
    }
    if (!compares(step)) continue;
    const what = `step ${step + 1} of ${describeCase(case_)}`;
    assertClose(await readAll(params), decode(expected), 1e-5, what);
    const average = case_.average?.[step];
    if (average) {
      assertClose(await readAll(state.slots.average!), decode(average), 1e-5, `average, ${what}`);
    }
  }
  for (const tensors of [params, ...Object.values(state.slots)]) {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}
