import type { Params, Tensor } from "./tensor.ts";

/** Gets a tensor of a record by its name. Throws a RangeError that lists the names there are if this is not among them. */
export function getTensor(tensors: Params, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor) return tensor;
  throw new RangeError(
    `Cannot find tensor ${name}: there are ${Object.keys(tensors).join(", ") || "no tensors"}`,
  );
}

/** Makes a record of tensors from their names and the tensors in the same order. */
export function nameTensors<Name extends string>(
  names: readonly Name[],
  tensors: readonly Tensor[],
): Record<Name, Tensor> {
  return Object.fromEntries(names.map((name, i) => {
    const tensor = tensors[i];
    if (tensor) return [name, tensor];
    throw new RangeError(`Cannot name ${tensors.length} tensors with ${names.length} names`);
  })) as Record<Name, Tensor>;
}

/** Applies `fn` to each tensor of a record. */
export function mapTensors(
  tensors: Params,
  fn: (tensor: Tensor, name: string) => Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, fn(tensor, name)]),
  );
}

/** Releases the tensors of a record. */
export function disposeTensors(tensors: Params): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/**
 * Gives the memory of numbers that nobody uses any more back at once. The garbage collector, which sees a small object,
 * would do so late.
 */
export function releaseNumbers({ buffer }: Float32Array<ArrayBuffer>): void {
  // Node 20, and browsers before 2024, have no method for it.
  if (typeof buffer.transfer === "function") buffer.transfer(0);
  else structuredClone(undefined, { transfer: [buffer] });
}
