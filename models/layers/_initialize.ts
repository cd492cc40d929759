import type { Key } from "../random/key.ts";
import { countElements } from "../types/_shape.ts";
import {
  constant,
  type Initializer,
  type InitializerName,
  kaimingNormal,
  uniform,
  xavierUniform,
} from "./initializers.ts";
import type { NamedParameterSpec, NamedSpec } from "./variable_spec.ts";

/** Draws by PyTorch's default, uniform within ±1/√fanIn. */
const pytorch: Initializer = (key, drawn) => {
  const bound = 1 / Math.sqrt(drawn.fanIn);
  return uniform(-bound, bound)(key, drawn);
};

const INITIALIZERS: Readonly<
  Record<InitializerName, Readonly<Record<NamedParameterSpec["role"], Initializer>>>
> = {
  pytorch: { weight: pytorch, bias: pytorch },
  kaiming: { weight: kaimingNormal(), bias: constant(0) },
  xavier: { weight: xavierUniform(), bias: constant(0) },
};

/** Draws one parameter in its layout at rest. */
export function initialize(
  key: Key,
  spec: NamedParameterSpec,
  name: InitializerName,
): Float32Array<ArrayBuffer> {
  return draw(key, spec, spec.initializer ?? INITIALIZERS[name][spec.role]);
}

/** Gives the first value of a buffer in its layout at rest. */
export function initializeBuffer(key: Key, spec: NamedSpec): Float32Array<ArrayBuffer> {
  return draw(key, { fanIn: 1, fanOut: 1, ...spec }, spec.initializer ?? constant(0));
}

function draw(
  key: Key,
  spec: Pick<NamedParameterSpec, "name" | "shape" | "fanIn" | "fanOut">,
  initializer: Initializer,
): Float32Array<ArrayBuffer> {
  const data = initializer(key, spec);
  if (!(data instanceof Float32Array)) {
    throw new TypeError(`Cannot initialize ${spec.name} with ${data}: it takes a Float32Array`);
  }
  const count = countElements(spec.shape);
  if (data.length === count) return data;
  throw new RangeError(
    `Cannot initialize ${spec.name} with ${data.length} numbers: it takes ${count}`,
  );
}
