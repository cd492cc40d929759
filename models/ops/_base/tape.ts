// The backward pass over what the library has recorded. The library's own keeps all that was saved, and the gradients of all that
// lies between, until it has reached the parameters; here each is released as soon as nothing needs it any more.
import * as tf from "@tensorflow/tfjs-core";
import { addTo } from "./differentiable.ts";

/** A call that was recorded. */
export interface TapeNode {
  readonly kernelName: string;
  readonly attrs?: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  readonly saved?: readonly (tf.Tensor | undefined)[];
  /** Computes the gradients of the inputs from those of the outputs. */
  readonly gradient?: (
    dys: readonly (tf.Tensor | null)[],
  ) => Readonly<Record<string, () => tf.Tensor>>;
}

/** The parts of the library's engine that are used here and that its types don't show. */
interface Engine {
  readonly state: {
    activeTape: TapeNode[] | null;
    readonly gradientDepth: number;
    readonly kernelDepth: number;
  };
  startTape(): void;
  endTape(): void;
  scopedRun<T>(start: () => void, end: () => void, fn: () => T): T;
  addTapeNode(...call: [...rest: unknown[], attrs: TapeNode["attrs"]]): void;
}

const getEngine = (): Engine => tf.engine() as unknown as Engine;

/** Gives what is recorded so far, if what is computed now is. */
export function getRecord(): readonly TapeNode[] | undefined {
  const { activeTape, gradientDepth, kernelDepth } = getEngine().state;
  return gradientDepth > 0 && kernelDepth === 0 && activeTape ? activeTape : undefined;
}

const watched = new WeakSet<Engine>();

/** Has the engine record the attributes of calls too. */
function recordAttributes(engine: Engine): void {
  if (watched.has(engine)) return;
  watched.add(engine);
  const addNode = engine.addTapeNode;
  engine.addTapeNode = (...call) => {
    addNode.apply(engine, call);
    const tape = engine.state.activeTape!;
    tape.push({ ...tape.pop()!, attrs: call.at(-1) as TapeNode["attrs"] });
  };
}

/**
 * Computes a function and the gradients of its result for some tensors; nothing for those that it doesn't depend on. What else
 * is made is released.
 *
 * @param dy The gradient of the result for itself, which stays the caller's; 1 where there is none.
 */
export function computeGradients(
  fn: () => tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy?: tf.Tensor,
): { readonly value: tf.Tensor; readonly gradients: readonly (tf.Tensor | undefined)[] } {
  return record(fn, (value, tape) => goBack(value, tape, inputs, dy));
}

/** Records what a function computes, and goes back over it. */
export function record<T>(
  fn: () => tf.Tensor,
  goBack: (value: tf.Tensor, tape: TapeNode[]) => T,
): { readonly value: tf.Tensor; readonly gradients: T } {
  const engine = getEngine();
  recordAttributes(engine);
  const value = engine.scopedRun(
    () => engine.startTape(),
    () => engine.endTape(),
    () => tf.tidy(fn),
  );
  try {
    return { value, gradients: goBack(value, engine.state.activeTape ?? []) };
  } catch (error) {
    value.dispose();
    throw error;
  }
}

/** Makes the backward pass over what was recorded. */
function goBack(
  value: tf.Tensor,
  tape: TapeNode[],
  inputs: readonly tf.Tensor[],
  dy: tf.Tensor | undefined,
): readonly (tf.Tensor | undefined)[] {
  const wanted = findDependents(tape, inputs);
  keepNeeded(tape, wanted, value);
  return tf.tidy(() => {
    const sums = new Map([[value.id, dy ? tf.clone(dy) : tf.ones(value.shape)]]);
    for (let node = tape.at(-1); node; node = tape.at(-1)) {
      passOn(node, sums, wanted);
      release(node);
      tape.pop();
    }
    return inputs.map(({ id }) => sums.get(id)) as tf.Tensor[];
  });
}

/** Finds the numbers of all tensors that depend on some. */
export function findDependents(
  tape: readonly TapeNode[],
  inputs: readonly tf.Tensor[],
): Set<number> {
  const found = new Set(inputs.map(({ id }) => id));
  for (const { inputs, outputs } of tape) {
    if (Object.values(inputs).some(({ id }) => found.has(id))) {
      for (const { id } of outputs) found.add(id);
    }
  }
  return found;
}

/** Removes the calls that are not between the inputs and the result, and releases what was saved for them. */
export function keepNeeded(tape: TapeNode[], wanted: ReadonlySet<number>, { id }: tf.Tensor): void {
  const needed = new Set([id]);
  const isBetween = (node: TapeNode) => {
    if (!node.outputs.some(({ id }) => needed.has(id) && wanted.has(id))) return false;
    for (const { id } of Object.values(node.inputs)) needed.add(id);
    return true;
  };
  const kept = tape.splice(0).reverse().filter((node) => {
    if (isBetween(node)) return true;
    release(node);
    return false;
  });
  tape.push(...kept.reverse());
}

/** Releases what was saved for a call. */
export function release({ saved = [] }: TapeNode): void {
  for (const tensor of saved) tensor?.dispose();
}

/** Passes the gradients of a call's outputs on to those of its inputs that are wanted. */
function passOn(
  { kernelName, inputs, outputs, saved = [], gradient }: TapeNode,
  sums: Map<number, tf.Tensor>,
  wanted: ReadonlySet<number>,
): void {
  if (!gradient) throw new Error(`Cannot differentiate ${kernelName}: it has no gradient`);
  const dys = outputs.map(({ id }) => sums.get(id) ?? null);
  // What is used elsewhere too, and mustn't be released or written to with the gradient.
  const others = new Set<tf.Tensor | null | undefined>([...dys, ...saved]);
  const passed = tf.tidy(() => {
    const computed = gradient(dys);
    return Object.entries(inputs).filter(([, { id }]) => wanted.has(id)).map(([name, x]) => {
      const compute = computed[name];
      if (!compute) {
        throw new Error(`Cannot differentiate ${kernelName} for ${name}: it has no gradient`);
      }
      const dx = tf.tidy(compute);
      checkGradient(kernelName, name, dx, x);
      const own = others.has(dx) ? tf.clone(dx) : dx;
      others.add(own);
      return own;
    });
  });
  for (const { id } of outputs) {
    sums.get(id)?.dispose();
    sums.delete(id);
  }
  Object.values(inputs).filter(({ id }) => wanted.has(id)).forEach(({ id }, i) => {
    const [sum, dx] = [sums.get(id), passed[i]!];
    sums.set(id, sum ? addTo(sum, dx) : dx);
  });
}

/** Throws an error unless a gradient is one for its input. */
export function checkGradient(kernelName: string, name: string, dx: tf.Tensor, x: tf.Tensor): void {
  if (dx.dtype === "float32" && tf.util.arraysEqual(dx.shape, x.shape)) return;
  throw new Error(
    `Cannot take ${dx.dtype} of [${dx.shape}] for the gradient of ${kernelName} for ${name}: ` +
      `it takes float32 of [${x.shape}]`,
  );
}

/** Finds the shapes that a call's inputs had, by what was saved for it: which is a list of its own for each. */
export function findInputShapes(saved: readonly tf.Tensor[]): Readonly<Record<string, number[]>> {
  // Backward passes begin with the last.
  const node = getEngine().state.activeTape?.findLast((node) => node.saved === saved);
  return Object.fromEntries(
    Object.entries(node?.inputs ?? {}).map(([name, { shape }]) => [name, shape]),
  );
}
