import type { Distribution } from "../random/_draw.ts";
import type { Key } from "../random/key.ts";
import { countElements } from "../types/_shape.ts";
import { findDistribution, initializeBy, uniformWithin } from "./_distributions.ts";
import {
  constant,
  type Initializer,
  type InitializerName,
  kaimingNormal,
  xavierUniform,
} from "./initializers.ts";
import type { NamedParameterSpec, NamedSpec } from "./variable_spec.ts";

/** Draws by PyTorch's default, uniform within ±1/√fanIn. */
const pytorch: Initializer = /* @__PURE__ */ initializeBy(({ fanIn }) =>
  uniformWithin(1 / Math.sqrt(fanIn))
);

const INITIALIZERS: Readonly<
  Record<InitializerName, Readonly<Record<NamedParameterSpec["role"], Initializer>>>
> = {
  pytorch: { weight: pytorch, bias: pytorch },
  kaiming: { weight: kaimingNormal(), bias: constant(0) },
  xavier: { weight: xavierUniform(), bias: constant(0) },
};

/** How a parameter or a buffer begins. */
export interface Beginning {
  /** The distribution that it is drawn from, where that is known. */
  readonly distribution: Distribution | undefined;
  /** Draws it in its layout at rest. */
  draw(key: Key): Float32Array<ArrayBuffer>;
}

/** Tells how a parameter begins. */
export const beginParameter = (spec: NamedParameterSpec, name: InitializerName): Beginning =>
  begin(spec, spec.initializer ?? INITIALIZERS[name][spec.role]);

/** Tells how a buffer begins. */
export const beginBuffer = (spec: NamedSpec): Beginning =>
  begin({ fanIn: 1, fanOut: 1, ...spec }, spec.initializer ?? constant(0));

function begin(
  spec: Pick<NamedParameterSpec, "name" | "shape" | "fanIn" | "fanOut">,
  initializer: Initializer,
): Beginning {
  return {
    distribution: findDistribution(initializer, spec),
    draw(key) {
      const data = initializer(key, spec);
      if (!(data instanceof Float32Array)) {
        throw new TypeError(`Cannot initialize ${spec.name} with ${data}: it takes a Float32Array`);
      }
      const count = countElements(spec.shape);
      if (data.length === count) return data;
      throw new RangeError(
        `Cannot initialize ${spec.name} with ${data.length} numbers: it takes ${count}`,
      );
    },
  };
}
