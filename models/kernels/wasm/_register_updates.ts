import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { replaceKernel } from "../definitions/_replace_kernel.ts";
import {
  collectNumbered,
  SUM_OF_SQUARES,
  type UpdateAttrs,
  UPDATES,
} from "../definitions/_updates.ts";
import { sumSquaresOnHost, updateOnHost } from "../host/_updates_on_host.ts";
import { accelerate } from "./_accelerate.ts";
import type { BoundModule } from "./_bound_module.ts";
import { forgetPacked } from "./_host_memory.ts";
import { shareTensor, type WasmBackend } from "./_wasm_backend.ts";

/** Registers updates as loops over tfjs's WASM heap, for where Rill's own module can't work or isn't wanted, or lacks the rule. */
export function registerUpdateLoops(): void {
  replaceKernel("wasm", UPDATES, ({ inputs, attrs, backend }) => {
    const wasm = backend as WasmBackend;
    return updateAll(wasm, inputs, attrs, (own, gradient) =>
      updateOnHost(
        attrs,
        own.map((x) => wasm.typedArrayFromHeap(x)),
        wasm.typedArrayFromHeap(gradient),
      ));
  });

  replaceKernel("wasm", SUM_OF_SQUARES, ({ inputs, backend }) => {
    const wasm = backend as WasmBackend;
    const sum = Object.values(inputs)
      .reduce((sum, x) => sum + sumSquaresOnHost(wasm.typedArrayFromHeap(x)), 0);
    return makeScalar(wasm, sum);
  });
}

/** Registers the updates of Rill's module. */
export function registerUpdateFunctions(): void {
  accelerate(UPDATES, (module, { inputs, attrs, backend }) => {
    const update = findUpdate(module, attrs);
    return update && updateAll(backend, inputs, attrs, (own, gradient) =>
      update(
        own.map((x) => module.address(x)),
        module.address(gradient),
        tf.util.sizeFromShape(gradient.shape),
      ));
  });

  accelerate(SUM_OF_SQUARES, ({ functions, address }, { inputs, backend }) => {
    const sum = Object.values(inputs).reduce(
      (sum, x) => sum + functions.sumSquares(address(x), tf.util.sizeFromShape(x.shape)),
      0,
    );
    return makeScalar(backend, sum);
  });
}

/** Finds the module's update by a rule, if it has one. */
function findUpdate(
  { functions }: BoundModule,
  { rule, own, settings, numbered: [numbered] }: UpdateAttrs,
): ((own: readonly number[], gradient: number, count: number) => void) | undefined {
  const get = (name: string, otherwise: number) => numbered[name] ?? settings[name] ?? otherwise;
  const [decay, keep] = [get("decay", 0), get("keep", 1)];
  if (rule === "adam" && own.length === 3) {
    return ([parameter = 0, m = 0, v = 0], gradient, count) =>
      functions.adam(
        parameter,
        gradient,
        m,
        v,
        count,
        decay,
        keep,
        get("beta1", NaN),
        get("beta2", NaN),
        get("rest1", NaN),
        get("rest2", NaN),
        get("stepSize", NaN),
        get("scale", NaN),
        get("epsilon", NaN),
      );
  }
  if (rule === "sgd") {
    return ([parameter = 0, momentum = 0], gradient, count) =>
      functions.descend(
        parameter,
        gradient,
        momentum,
        count,
        decay,
        keep,
        get("rate", NaN),
        get("momentum", 0),
        get("rest", 1),
        get("nesterov", 0),
      );
  }
  if (rule === "mix") {
    return ([sum = 0], x, count) =>
      functions.mix(sum, x, count, get("kept", NaN), get("added", NaN));
  }
  return undefined;
}

/** Updates in place, or a copy of what others have the numbers of too: those must stay as they are. */
function updateAll(
  backend: WasmBackend,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { own }: UpdateAttrs,
  update: (own: readonly tf.TensorInfo[], gradient: tf.TensorInfo) => void,
): tf.TensorInfo[] {
  return collectNumbered(inputs, [...own, "gradient"]).flatMap((tensors) => {
    const updated = own.map((name) => reuseTensor(backend, tensors[name]!));
    update(updated, tensors.gradient!);
    for (const tensor of updated) forgetPacked(backend, tensor);
    return updated;
  });
}

function reuseTensor(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  if (backend.refCount(x.dataId) === 1) return shareTensor(backend, x);
  const copy = backend.makeOutput([...x.shape], "float32");
  backend.typedArrayFromHeap(copy).set(backend.typedArrayFromHeap(x));
  return copy;
}

function makeScalar(backend: WasmBackend, value: number): tf.TensorInfo {
  const result = backend.makeOutput([], "float32");
  backend.typedArrayFromHeap(result)[0] = value;
  return result;
}
