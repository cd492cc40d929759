// The backward pass over a batch that ranks share: `tape.ts` has the one over a batch that is here as a whole.
import * as tf from "@tensorflow/tfjs-core";
import type { BatchSums, Contribution } from "./batch_sums.ts";
import { addTo } from "./differentiable.ts";
import { withSharedProducts } from "./shared_products.ts";
import {
  createStandings,
  isMove,
  type Passed,
  passFromBatch,
  type Standing,
  toOwn,
} from "./shared_tape.ts";
import {
  checkGradient,
  findDependents,
  keepNeeded,
  record,
  release,
  type TapeNode,
} from "./tape.ts";

/** Computes a function of a batch, and what each place contributes to the gradients of its result for some tensors. */
export function computeContributions(
  fn: () => tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy: tf.Tensor,
  sums: BatchSums,
): { readonly value: tf.Tensor; readonly gradients: readonly (readonly Contribution[])[] } {
  const leaves = new Set(inputs.map(({ id }) => id));
  const followed = createStandings(inputs, sums);
  const shared = () => withSharedProducts({ sums, leaves, standings: followed }, fn);
  return record(shared, (value, tape) => {
    const standings = followed.follow(tape);
    const wanted = findDependents(tape, inputs);
    keepNeeded(tape, wanted, value);
    const pass: Pass = {
      gradients: new Map(),
      contributions: new Map(),
      leaves,
      wanted,
      standings,
      sums,
    };
    return tf.tidy(() => {
      pass.gradients.set(value.id, tf.clone(dy));
      for (let node = tape.at(-1); node; node = tape.at(-1)) {
        passOn(node, pass);
        release(node);
        tape.pop();
      }
      return inputs.map(({ id }) => pass.contributions.get(id) ?? []) as unknown as tf.Tensor[];
    }) as unknown as Contribution[][];
  });
}

/** What a backward pass has so far, by the numbers of tensors. */
interface Pass {
  /** Gradients of what depends on the batch. */
  readonly gradients: Map<number, tf.Tensor>;
  /** Gradients of what all ranks have. */
  readonly contributions: Map<number, Contribution[]>;
  readonly wanted: ReadonlySet<number>;
  readonly standings: ReadonlyMap<number, Standing>;
  readonly leaves: ReadonlySet<number>;
  readonly sums: BatchSums;
}

function passOn(node: TapeNode, pass: Pass): void {
  const { gradients, contributions, wanted, standings } = pass;
  const { kernelName, outputs, inputs } = node;
  if (!node.gradient) throw new Error(`Cannot differentiate ${kernelName}: it has no gradient`);
  const names = Object.keys(inputs).filter((name) => wanted.has(inputs[name]!.id));
  if (outputs.every(({ id }) => standings.get(id) === "same")) passSame(node, pass, names);
  else {
    const dys = outputs.map(({ id }) => gradients.get(id) ?? null);
    const passed = tf.tidy(() =>
      separate(node, dys, passFromBatch(node, dys, { ...pass, names })) as unknown as tf.Tensor
    );
    addAll(node, pass, passed as unknown as Passed);
  }
  for (const { id } of outputs) {
    gradients.get(id)?.dispose();
    gradients.delete(id);
    for (const one of contributions.get(id) ?? []) releaseContribution(one);
    contributions.delete(id);
  }
}

/** Passes gradients of what all ranks have on. */
function passSame(node: TapeNode, pass: Pass, names: readonly string[]): void {
  const { contributions, sums } = pass;
  const given = node.outputs.map(({ id }) => contributions.get(id) ?? []);
  const [name] = names;
  if (isMove(node) && name !== undefined && isSame(pass, node.inputs[name]!)) {
    for (const one of given[0]!) {
      const moved = mapContribution(one, (tensor) => compute(node, [tensor], name));
      addContribution(pass, node.inputs[name]!, moved);
    }
    return;
  }
  // Rounding isn't the same before and after a sum.
  const dys = node.outputs.map(({ shape }, i) =>
    given[i]!.length > 0 ? sums.complete(given[i]!, shape) as unknown as tf.Tensor : null
  );
  for (const name of names) {
    const dx = compute(node, dys, name);
    const input = node.inputs[name]!;
    addAll(
      node,
      pass,
      isSame(pass, input)
        ? { gradients: {}, contributions: { [name]: { kind: "whole", tensor: toOwn(dx) } } }
        : { gradients: { [name]: dx }, contributions: {} },
    );
  }
  for (const dy of dys) dy?.dispose();
}

const isSame = ({ standings }: Pass, { id }: tf.Tensor): boolean => standings.get(id) === "same";

/** Computes the gradient of one input, a tensor of its own. */
function compute(node: TapeNode, dys: readonly (tf.Tensor | null)[], name: string): tf.Tensor {
  const passed = tf.tidy(() => {
    const dx = node.gradient!(dys)[name]?.();
    if (!dx) {
      throw new Error(`Cannot differentiate ${node.kernelName} for ${name}: it has no gradient`);
    }
    return separate(node, dys, { gradients: { [name]: dx }, contributions: {} })
      .gradients as tf.TensorContainerObject;
  });
  return passed[name] as tf.Tensor;
}

/** Makes other tensors of what a call has passed on where they are used elsewhere too, and mustn't be released or written to. */
function separate(
  { saved = [] }: TapeNode,
  dys: readonly (tf.Tensor | null)[],
  { gradients, contributions }: Passed,
): Passed {
  const others = new Set<tf.Tensor | null | undefined>([...dys, ...saved]);
  const own = (x: tf.Tensor): tf.Tensor => {
    const separated = others.has(x) ? tf.clone(x) : x;
    others.add(separated);
    return separated;
  };
  const map = <T, U>(record: Readonly<Record<string, T>>, fn: (one: T) => U) =>
    Object.fromEntries(Object.entries(record).map(([name, one]) => [name, fn(one)]));
  return {
    gradients: map(gradients, own),
    contributions: map(contributions, (one) => mapContribution(one, own)),
  };
}

function mapContribution(
  one: Contribution,
  fn: (tensor: tf.Tensor) => tf.Tensor,
): Contribution {
  const own = (tensor: unknown) => toOwn(fn(tensor as tf.Tensor));
  if (one.kind === "nodes") return { ...one, tensors: one.tensors.map(own) };
  return { ...one, tensor: own(one.tensor) };
}

function listTensors(one: Contribution): readonly tf.Tensor[] {
  const tensors: tf.Tensor[] = [];
  mapContribution(one, (tensor) => {
    tensors.push(tensor);
    return tensor;
  });
  return tensors;
}

function releaseContribution(one: Contribution): void {
  for (const tensor of listTensors(one)) tensor.dispose();
}

/** Adds what a call has passed on to what its inputs have. */
function addAll(node: TapeNode, pass: Pass, passed: Passed): void {
  for (const [name, dx] of Object.entries(passed.gradients)) {
    const input = node.inputs[name]!;
    checkGradient(node.kernelName, name, dx, input);
    const sum = pass.gradients.get(input.id);
    pass.gradients.set(input.id, sum ? addTo(sum, dx) : dx);
  }
  for (const [name, one] of Object.entries(passed.contributions)) {
    const input = node.inputs[name]!;
    if (one.kind !== "part") {
      for (const dx of listTensors(one)) checkGradient(node.kernelName, name, dx, input);
    }
    addContribution(pass, input, one);
  }
}

function addContribution(
  { contributions, sums }: Pass,
  { id }: tf.Tensor,
  one: Contribution,
): void {
  const before = contributions.get(id);
  if (sums.ranks > 1) contributions.set(id, [...before ?? [], one]);
  else {
    // All there is: a whole at once.
    const [dx] = listTensors(one);
    const [sum] = before ? listTensors(before[0]!) : [];
    contributions.set(id, [{ kind: "whole", tensor: toOwn(sum ? addTo(sum, dx!) : dx!) }]);
  }
}
