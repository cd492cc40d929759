import { foldIn } from "../random/key.ts";
import * as ops from "../ops/_ops.ts";
import { countElements } from "../types/_shape.ts";
import { getTensor } from "../types/_tensors.ts";
import type { Tensor, Variables } from "../types/tensor.ts";
import { checkApplied, checkGiven, checkInput, checkOwn, checkPlan } from "./_check.ts";
import { prefixFileNames } from "./_file_names.ts";
import { getBuiltFusion, getPlanFusion, setBuiltFusion } from "./_fusion.ts";
import type { Applied, Built, Layer, Pass, Plan, Shape, Sub } from "./layer.ts";
import type { LayerNode } from "./network.ts";
import { ShapeError } from "./shape_error.ts";
import { getWatch, type WatchedLayer } from "./_watch.ts";
import type {
  FileNames,
  NamedParameterSpec,
  NamedSpec,
  ParameterSpec,
  VariableSpec,
} from "./variable_spec.ts";

/** A layer that has been built, with all that is below it. */
export interface BuiltTree {
  readonly built: Built;
  readonly node: LayerNode;
  readonly parameters: readonly NamedParameterSpec[];
  readonly buffers: readonly NamedSpec[];
  /** What the layers know of other names in files, by names of the whole network. */
  readonly fileNames: readonly FileNames[];
}

/** What a pass has besides its circumstances, in no public type: where layers find their variables and leave new buffers. */
interface Scope {
  readonly variables: Variables;
  readonly next: Record<string, Tensor>;
}

const SCOPE = Symbol("scope");

/** Makes a pass over a network with its variables. New buffers are gathered in `next`. */
export function openPass(pass: Pass, scope: Scope): Pass {
  return Object.assign({ ...pass }, { [SCOPE]: scope });
}

function getScope(pass: Pass, name: string): Scope {
  const scope = (pass as Pass & { readonly [SCOPE]?: Scope } | undefined)?.[SCOPE];
  if (scope) return scope;
  throw new RangeError(
    `Cannot apply ${name} in a pass of one's own: hand on the one that apply was given, or { ...pass } with changes`,
  );
}

/**
 * Builds a layer and its children under a name. Throws a ShapeError for a shape that one of them doesn't take, and a RangeError
 * for two children or tensors of the same name.
 *
 * @param place Its name; its place among its parent's children, by which its key is derived, none for the whole network; and
 * which layers are computed as in use, by name.
 */
export function buildLayer(
  layer: Layer,
  input: Shape,
  { name, index, isInUse }: {
    readonly name: string;
    readonly index?: number;
    readonly isInUse: (name: string) => boolean;
  },
): BuiltTree {
  const children: BuiltTree[] = [];
  const childNames = new Set<string>();
  const join = (part: string) => name && part ? `${name}.${part}` : name || part;
  const sub: Sub = (childName, child, childInput) => {
    if (childNames.has(childName)) {
      throw new RangeError(
        `Cannot build two layers called ${childName || '""'} in ${name || "the network"}`,
      );
    }
    childNames.add(childName);
    const tree = buildLayer(child, childInput, {
      name: join(childName),
      index: children.length,
      isInUse,
    });
    children.push(tree);
    return tree.built;
  };
  const description = layer.describe(input);
  const plan = layer.plan(input, sub);
  if (typeof plan === "string") throw new ShapeError(name, description, input, plan);
  checkPlan(name || description, plan);
  const parameters = listDefined<ParameterSpec>(plan.params).map(([own, spec]) => ({
    own,
    ...nameParameter(join(own), spec),
  }));
  const buffers = listDefined<VariableSpec>(plan.buffers).map(([own, spec]) => ({
    own,
    ...nameVariable(join(own), spec),
  }));
  const count = (specs: readonly NamedSpec[]) =>
    specs.reduce((sum, { shape }) => sum + countElements(shape), 0);
  return {
    built: bind(plan, {
      input,
      watched: { name, layer: description },
      parameters,
      buffers,
      index,
      inUse: isInUse(name),
      isKnown: plan.kind !== undefined &&
        children.every(({ built }) => getBuiltFusion(built).isKnown),
      isLeaf: children.length === 0,
    }),
    node: {
      name,
      layer: description,
      ...plan.kind && { kind: plan.kind },
      inputShape: [...input],
      outputShape: [...plan.outputShape],
      parameters: count(parameters),
      buffers: count(buffers),
      flops: plan.flops ?? 0,
      children: children.map(({ node }) => node),
    },
    parameters: [...parameters, ...children.flatMap((child) => child.parameters)],
    buffers: [...buffers, ...children.flatMap((child) => child.buffers)],
    fileNames: [
      ...plan.fileNames ? [prefixFileNames(plan.fileNames, name && `${name}.`)] : [],
      ...children.flatMap((child) => child.fileNames),
    ],
  };
}

/** Lists what a record has, without what is undefined. */
function listDefined<T>(record: Readonly<Record<string, T | undefined>> = {}): [string, T][] {
  return Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined);
}

function nameVariable(name: string, spec: VariableSpec): NamedSpec {
  const { shape, order = shape.map((_, d) => d), initializer } = spec;
  return { name, shape, order, initializer };
}

function nameParameter(name: string, spec: ParameterSpec): NamedParameterSpec {
  const { shape, role = "weight" } = spec;
  const [first = 1, second = 1, ...window] = shape;
  const {
    fanIn = second * countElements(window),
    fanOut = first * countElements(window),
  } = spec;
  return { ...nameVariable(name, spec), role, fanIn, fanOut };
}

/** A variable of a network, and its name in its layer. */
interface OwnSpec extends NamedSpec {
  readonly own: string;
}

/** Makes the function of a plan: it finds the layer's own tensors in the pass, and leaves new buffers there. */
function bind(plan: Plan<string, string>, {
  input,
  watched,
  parameters,
  buffers,
  index,
  inUse,
  isKnown,
  isLeaf,
}: {
  readonly input: Shape;
  readonly watched: WatchedLayer;
  readonly parameters: readonly OwnSpec[];
  readonly buffers: readonly OwnSpec[];
  readonly index: number | undefined;
  readonly inUse: boolean;
  readonly isKnown: boolean;
  readonly isLeaf: boolean;
}): Built {
  const what = watched.name || watched.layer;
  const enter = (pass: Pass): Pass => {
    const entered = index === undefined ? pass : { ...pass, key: foldIn(pass.key, index) };
    return inUse && entered.training ? { ...entered, training: false } : entered;
  };
  const collect = ({ variables, next }: Scope): Record<string, Tensor> => {
    const own: Record<string, Tensor> = {};
    const watch = getWatch();
    for (const { own: key, name } of parameters) {
      const parameter = checkOwn(name, getTensor(variables.params, name));
      own[key] = watch?.seeParameter(watched, name, parameter) ?? parameter;
    }
    // A layer that is applied twice goes on from what it left the first time.
    for (const spec of buffers) {
      const value = next[spec.name] ?? getTensor(variables.buffers, spec.name);
      own[spec.own] = checkOwn(spec.name, value);
    }
    return own;
  };
  const accept = (
    result: Tensor | Applied,
    x: Tensor,
    { training }: Pass,
    { next }: Scope,
  ): Tensor => {
    const { output, buffers: given } = checkApplied(what, result);
    checkGiven(`the output of ${what}`, [x.shape[0] ?? 0, ...plan.outputShape], output.shape);
    const unknown = Object.keys(given).find((own) => !buffers.some((spec) => spec.own === own));
    if (unknown !== undefined) {
      throw new RangeError(`Cannot take a buffer ${unknown} from ${what}: its plan has none`);
    }
    for (const { own, name, shape, order } of buffers) {
      const value = given[own];
      if (!value) {
        if (!training) continue;
        throw new RangeError(
          `Cannot go on after ${what} as in training it gives no next value of its buffer ${own}: ` +
            "one that stays is given as it is",
        );
      }
      checkGiven(`buffer ${name}`, order.map((d) => shape[d] ?? 0), value.shape);
      next[name] = value;
    }
    return output;
  };
  /** Applies the layer as its plan says, or otherwise. */
  const applyBy = (apply: typeof plan.apply, x: Tensor, pass: Pass): Tensor => {
    checkInput(what, input, x.shape);
    const scope = getScope(pass, what);
    const entered = enter(pass);
    const watch = getWatch();
    if (watch) {
      const given = watch.seeInput(watched, x);
      const result = apply(given, collect(scope), entered);
      return watch.seeOutput(watched, accept(result, x, entered, scope));
    }
    const compute = () => apply(x, collect(scope), entered);
    if (!isKnown) return accept(compute(), x, entered, scope);
    // The new buffers of those below are the pass's, which goes on.
    const [result] = ops.tidy(() => [compute(), isLeaf ? {} : scope.next] as const);
    return accept(result, x, entered, scope);
  };
  const built: Built = Object.assign(
    (x: Tensor, pass: Pass): Tensor => applyBy((...given) => plan.apply(...given), x, pass),
    { outputShape: [...plan.outputShape] },
  );
  const { product, epilogue, rectified, rectifier } = getPlanFusion(plan) ?? {};
  setBuiltFusion(built, {
    isKnown,
    rectifier,
    ...rectified && {
      rectified: (x, pass, rectifier) =>
        applyBy((x, own, pass) => rectified(x, own, pass, rectifier), x, pass),
    },
    ...product && {
      product: (x, pass, epilogue) => {
        checkInput(what, input, x.shape);
        const own = collect(getScope(pass, what));
        return ops.tidy(() => product(x, own, epilogue));
      },
    },
    ...epilogue && {
      epilogue: (pass) => epilogue(enter(pass), () => collect(getScope(pass, what))),
    },
  });
  return built;
}
