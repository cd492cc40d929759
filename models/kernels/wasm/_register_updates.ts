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
import { type BoundModule, getBoundModule } from "./_bound_module.ts";
import { forgetPacked, registerSumSquares } from "./_host_memory.ts";
import { reuseTensor, type WasmBackend } from "./_wasm_backend.ts";

/** Registers updates as loops over tfjs's WASM heap, for where Rill's own module can't work or isn't wanted. */
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
    const update = chooseUpdate(module, attrs);
    return updateAll(backend, inputs, attrs, (own, gradient) => {
      const count = tf.util.sizeFromShape(gradient.shape);
      const places = own.map((x) => module.address(x));
      const done = update(places, module.address(gradient), count);
      if (done === count) return;
      const rest = (x: tf.TensorInfo) => backend.typedArrayFromHeap(x).subarray(done);
      updateOnHost(attrs, own.map(rest), rest(gradient));
    });
  });

  accelerate(SUM_OF_SQUARES, ({ functions, address }, { inputs, backend }) => {
    const sum = Object.values(inputs).reduce(
      (sum, x) => sum + functions.sumSquares(address(x), tf.util.sizeFromShape(x.shape)),
      0,
    );
    return makeScalar(backend, sum);
  });

  registerSumSquares((backend) => {
    const module = getBoundModule(backend);
    return module &&
      ((x, start, length) => module.functions.sumSquares(module.address(x) + start * 4, length));
  });
}

/** Updates `count` numbers, given addresses, or all but the last three at most, and tells how many. */
type Update = (own: readonly number[], gradient: number, count: number) => number;

/** Chooses the module's update by a rule. */
function chooseUpdate(
  { functions }: BoundModule,
  { rule, own, settings, numbered: [numbered] }: UpdateAttrs,
): Update {
  const all = { ...settings, ...numbered };
  const get = (name: string) => all[name] ?? NaN;
  const decay = [all.decay ?? 0, all.keep ?? 1] as const;
  const has = (name: string) => own.includes(name);
  const rate = get("rate");
  const inFours =
    (update: (...given: Parameters<Update>) => void): Update => (own, gradient, count) => {
      const whole = count & ~3;
      update(own, gradient, whole);
      return whole;
    };
  switch (rule) {
    case "adam": {
      const betas = [get("beta1"), get("beta2"), get("rest1"), get("rest2")] as const;
      const others = [...betas, get("stepSize"), get("scale"), get("epsilon")] as const;
      if (has("vMax")) {
        return inFours(([p = 0, m = 0, v = 0, vMax = 0], gradient, count) =>
          functions.amsgrad(p, gradient, m, v, vMax, count, ...decay, ...others)
        );
      }
      return ([p = 0, m = 0, v = 0], gradient, count) => {
        functions.adam(p, gradient, m, v, count, ...decay, ...others);
        return count;
      };
    }
    case "sgd": {
      const others = [all.momentum ?? 0, all.rest ?? 1, all.nesterov ?? 0] as const;
      return ([p = 0, momentum = 0], gradient, count) => {
        functions.descend(p, gradient, momentum, count, ...decay, rate, ...others);
        return count;
      };
    }
    case "rmsprop": {
      const others = [get("alpha"), get("rest"), get("epsilon"), get("momentum")] as const;
      return inFours(([p = 0, square = 0, ...more], gradient, count) => {
        const mean = has("mean") ? more[0] ?? 0 : 0;
        const momentum = has("momentum") ? more.at(-1) ?? 0 : 0;
        functions.rmsprop(p, gradient, square, mean, momentum, count, ...decay, rate, ...others);
      });
    }
    case "adagrad":
      return inFours(([p = 0, sum = 0], gradient, count) =>
        functions.adagrad(p, gradient, sum, count, ...decay, rate, get("epsilon"))
      );
    case "adadelta": {
      const others = [get("rho"), get("rest"), get("epsilon")] as const;
      return inFours(([p = 0, square = 0, delta = 0], gradient, count) =>
        functions.adadelta(p, gradient, square, delta, count, ...decay, rate, ...others)
      );
    }
    case "mix":
      return ([sum = 0], x, count) => {
        functions.mix(sum, x, count, get("kept"), get("added"));
        return count;
      };
  }
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

function makeScalar(backend: WasmBackend, value: number): tf.TensorInfo {
  const result = backend.makeOutput([], "float32");
  backend.typedArrayFromHeap(result)[0] = value;
  return result;
}
