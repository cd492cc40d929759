import { type LayerNode, listSlots, type Network, type Optimizer } from "../../models/mod.ts";

/** What memory a training takes, in bytes. */
export interface MemoryNeed {
  /** Main memory. */
  readonly host: number;
  /** Memory of the GPU; 0 where none computes. */
  readonly device: number;
}

/** What the memory of a training depends on besides its network. */
export interface TrainedOn {
  readonly backend: "wasm" | "webgpu";
  readonly batchSize: number;
  readonly threads: number;
}

// Measured as the peak of resident memory; docs/reliability.md has the numbers.
/** The runtime with its programs, the data set and what it is read with. */
const BASE = 220e6;
/** A thread's runtime and programs. */
const THREAD = 60e6;
/** The layers' outputs, of which some lie in one place, their gradients, and what products are packed to, in the sizes of all outputs. */
const OUTPUTS = 1.1;

/**
 * Estimates the memory that a training takes at its peak, within a fifth: the parameters, their gradients and the optimizer's
 * running values; the copy of parameters and running values that is saved beside the training; and the layers' outputs with
 * their gradients.
 */
export function estimateMemory(
  network: Network,
  optimizer: Optimizer,
  { backend, batchSize, threads }: TrainedOn,
): MemoryNeed {
  const parameters = sum(network.parameters.map(({ shape }) => countBytes(shape)));
  const slots = listSlots(optimizer).length;
  const outputs = OUTPUTS * batchSize *
    sum(listLeaves(network.root).map(({ outputShape }) => countBytes(outputShape)));
  // Gathered and copied, with one tensor more at a time while the file is written.
  const saving = (2 + slots) * parameters;
  if (backend === "webgpu") {
    return { host: BASE + saving, device: (2 + slots) * parameters + outputs };
  }
  const shared = (threads - 1) * (THREAD + 2 * parameters);
  return { host: BASE + shared + (2 + slots) * parameters + saving + outputs, device: 0 };
}

const countBytes = (shape: readonly number[]): number =>
  shape.reduce((a, b) => a * b, Float32Array.BYTES_PER_ELEMENT);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const listLeaves = (node: LayerNode): readonly LayerNode[] =>
  node.children.length === 0 ? [node] : node.children.flatMap(listLeaves);
