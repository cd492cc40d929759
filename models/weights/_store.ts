import * as ops from "../ops/_ops.ts";
import { inverse, permute } from "./_permute.ts";
import { CheckpointError } from "./checkpoint_error.ts";
import type { Either } from "../types/either.ts";
import type { Network } from "../layers/network.ts";
import type { ParameterSpec } from "../layers/layer.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** Copies one parameter, or a running value of one, out of the backend into its layout at rest. */
export async function store(spec: ParameterSpec, tensor: Tensor): Promise<StoredTensor> {
  return storeNumbers(spec, await tensor.data() as Float32Array<ArrayBuffer>);
}

/** One parameter, or a running value of one, from the backend's layout to its layout at rest. */
export function storeNumbers(spec: ParameterSpec, data: Float32Array<ArrayBuffer>): StoredTensor {
  const shape = spec.order.map((d) => spec.shape[d]);
  return { shape: [...spec.shape], data: permute(data, shape, inverse(spec.order)) };
}

/** Copies one parameter, or a running value of one, from its layout at rest to the backend. */
export function restore(spec: ParameterSpec, stored: StoredTensor): Tensor {
  return ops.tensor(
    permute(stored.data, spec.shape, spec.order),
    spec.order.map((d) => spec.shape[d]),
  );
}

/**
 * The stored tensors with the parameters that they are for. Otherwise an error with all that doesn't fit: every name that
 * is missing, that nothing wants, or whose shape is another.
 */
export function compare(
  what: string,
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
  prefixes: readonly string[],
): Either<CheckpointError, readonly { name: string; spec: ParameterSpec }[]> {
  const wanted = prefixes.flatMap((prefix) =>
    network.parameters.map((spec) => ({ name: prefix + spec.name, spec }))
  );
  const names = new Set(wanted.map(({ name }) => name));
  const missing = wanted.filter(({ name }) => !Object.hasOwn(stored, name)).map(({ name }) => name);
  const extra = Object.keys(stored).filter((name) => !names.has(name));
  const misshaped = wanted
    .filter(({ name }) => Object.hasOwn(stored, name))
    .map(({ name, spec }) => ({ name, expected: [...spec.shape], actual: trueShape(stored[name]) }))
    .filter(({ expected, actual }) => String(expected) !== String(actual));
  if (missing.length + extra.length + misshaped.length === 0) {
    return { _tag: "Right", right: wanted };
  }
  return { _tag: "Left", left: misfit(what, missing, extra, misshaped) };
}

/** The error where a tensor that belongs to no parameter has another shape than it should. */
export function misfitOfShape(
  what: string,
  name: string,
  expected: number[],
  stored: StoredTensor,
): CheckpointError | undefined {
  const actual = trueShape(stored);
  return String(actual) === String(expected)
    ? undefined
    : misfit(what, [], [], [{ name, expected, actual }]);
}

/** The shape that a tensor says it has, unless it holds another number of elements: then that number. */
function trueShape({ shape, data }: StoredTensor): number[] {
  return shape.reduce((a, b) => a * b, 1) === data.length ? [...shape] : [data.length];
}

function misfit(
  what: string,
  missing: string[],
  extra: string[],
  misshaped: { name: string; expected: number[]; actual: number[] }[],
): CheckpointError {
  const parts = [
    missing.length ? `missing ${missing.join(", ")}` : "",
    extra.length ? `not of this model ${extra.join(", ")}` : "",
    misshaped.length
      ? `of another shape ${
        misshaped.map(({ name, expected, actual }) =>
          `${name} (${actual.join(" x ")} instead of ${expected.join(" x ")})`
        ).join(", ")
      }`
      : "",
  ].filter(Boolean);
  return new CheckpointError(
    `Cannot load the ${what} as the tensors don't fit the model: ${parts.join("; ")}`,
    { missing, extra, misshaped },
  );
}

/** Copies all to the backend, or none: what was copied before an error is released. */
export function restoreAll(
  entries: readonly { name: string; spec: ParameterSpec }[],
  stored: Readonly<Record<string, StoredTensor>>,
): Params {
  const made: Record<string, Tensor> = {};
  try {
    for (const { name, spec } of entries) made[name] = restore(spec, stored[name]);
  } catch (error) {
    for (const tensor of Object.values(made)) tensor.dispose();
    throw error;
  }
  return made;
}
