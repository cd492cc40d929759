import * as tf from "@tensorflow/tfjs-core";
import { computeAdjacentSum } from "../definitions/_adjacent_sum.ts";
import {
  ACTIVATION,
  ACTIVATION_GRADIENT,
  ADD_BIAS,
  ADD_BIAS_GRADIENTS,
  ADD_TO,
  BLOCK_SUMS,
  DROPOUT,
  LEAKY_RELU_GRADIENT,
  RELU6_GRADIENT,
  RELU_GRADIENT,
} from "../definitions/_kernel_names.ts";
import { computeDropoutThreshold } from "../host/_host_kernels.ts";
import { accelerate, areFloats, getRectifierKind, makeOutput } from "./_accelerate.ts";
import { type BoundModule, getBoundModule } from "./_bound_module.ts";
import { registerAddNumbers } from "./_host_memory.ts";
import { reuseTensor, shareTensor, type WasmBackend } from "./_wasm_backend.ts";

/** Registers the kernels that go over tensors number by number. */
export function registerElementwise(): void {
  accelerate(DROPOUT, ({ functions, address, workspace }, { inputs: { x }, attrs, backend }) => {
    const { rate, key0, key1, offset = 0 } = attrs;
    return makeOutput(backend, x.shape, (y) => {
      functions.dropout(
        address(x),
        y,
        tf.util.sizeFromShape(x.shape),
        key0,
        key1,
        offset,
        computeDropoutThreshold(rate),
        1 / (1 - rate),
        workspace(32),
      );
    });
  });

  // tfjs's own copies the numbers, which nothing changes as long as two tensors have them.
  accelerate(
    "Identity",
    (_, { inputs: { x }, backend }) => x.dtype === "string" ? undefined : shareTensor(backend, x),
  );

  for (
    const [name, gradient, rectifier] of [
      ["Relu", RELU_GRADIENT, "relu"],
      ["Relu6", RELU6_GRADIENT, "relu6"],
    ] as const
  ) {
    const kind = getRectifierKind(rectifier);
    accelerate(name, ({ functions, address }, { inputs: { x }, backend }) => {
      if (!areFloats(x)) return undefined;
      return makeOutput(backend, x.shape, (y) => {
        functions.relu(address(x), y, tf.util.sizeFromShape(x.shape), kind);
      });
    });
    accelerate(
      gradient,
      ({ functions, address }, { inputs: { x, dy }, backend }) =>
        makeOutput(backend, x.shape, (dx) => {
          functions.reluGradient(address(x), address(dy), dx, tf.util.sizeFromShape(x.shape), kind);
        }),
    );
  }

  accelerate("LeakyRelu", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    return makeOutput(backend, x.shape, (y) => {
      functions.leakyRelu(address(x), y, tf.util.sizeFromShape(x.shape), attrs.alpha);
    });
  });

  accelerate(
    LEAKY_RELU_GRADIENT,
    ({ functions, address }, { inputs: { x, dy }, attrs, backend }) =>
      makeOutput(backend, x.shape, (dx) => {
        functions.leakyReluGradient(
          address(x),
          address(dy),
          dx,
          tf.util.sizeFromShape(x.shape),
          attrs.alpha,
        );
      }),
  );

  accelerate("Tanh", (module, { inputs: { x }, backend }) => activate(module, backend, x, 1));
  accelerate(
    ACTIVATION,
    (module, { inputs: { x }, attrs, backend }) =>
      activate(module, backend, x, ACTIVATIONS.indexOf(attrs.kind)),
  );

  accelerate(
    ACTIVATION_GRADIENT,
    ({ functions, address }, { inputs: { x, dy }, attrs, backend }) =>
      makeOutput(backend, x.shape, (dx) => {
        functions.activateGradient(
          address(x),
          address(dy),
          dx,
          tf.util.sizeFromShape(x.shape),
          ACTIVATIONS.indexOf(attrs.kind),
        );
      }),
  );

  // tfjs's own is several times slower wherever one is broadcast.
  accelerate("Add", ({ functions, address }, { inputs: { a, b }, backend }) => {
    const [columns = 0] = b.shape;
    const fits = b.shape.length === 1 && a.shape.length > 1 && columns === a.shape.at(-1);
    if (!fits || columns < 4 || !areFloats(a, b)) return undefined;
    return makeOutput(backend, a.shape, (y) => {
      const rows = tf.util.sizeFromShape(a.shape) / columns;
      functions.addRow(address(a), address(b), y, rows, columns, getRectifierKind(undefined));
    });
  });

  accelerate(ADD_BIAS, ({ functions, address }, { inputs: { x, bias }, attrs, backend }) => {
    const y = reuseTensor(backend, x);
    const [columns = 0] = bias.shape;
    const rows = tf.util.sizeFromShape(x.shape) / columns;
    const kind = getRectifierKind(attrs.relu ? "relu" : undefined);
    functions.addRow(address(y), address(bias), address(y), rows, columns, kind);
    return y;
  });

  accelerate(
    ADD_BIAS_GRADIENTS,
    ({ functions, address }, { inputs: { dy, y }, attrs: { ends }, backend }) => {
      const columns = y.shape.at(-1)!;
      const rows = tf.util.sizeFromShape(y.shape) / columns;
      const bytes = columns * 4;
      const dBias = makeOutput(backend, ends ? [ends.length, columns] : [columns], () => {});
      const dx = makeOutput(backend, y.shape, (dx) => {
        let start = 0;
        for (const [block, end] of (ends ?? [rows]).entries()) {
          const at = start * bytes;
          functions.addRowGradients(
            address(y) + at,
            address(dy) + at,
            dx + at,
            address(dBias) + block * bytes,
            end - start,
            columns,
          );
          start = end;
        }
      });
      return [dx, dBias];
    },
  );

  // Gradients that meet: of what two layers take.
  accelerate(ADD_TO, ({ functions, address }, { inputs: { sum, x }, backend }) => {
    const own = reuseTensor(backend, sum);
    functions.add(address(own), address(x), tf.util.sizeFromShape(x.shape));
    return own;
  });

  // How a bias gets its gradient, of each block of a batch.
  accelerate(BLOCK_SUMS, ({ functions, address }, { inputs: { x }, attrs: { ends }, backend }) => {
    const columns = x.shape.at(-1)!;
    return makeOutput(backend, [ends.length, columns], (sums) => {
      let start = 0;
      for (const [block, end] of ends.entries()) {
        const [from, to] = [address(x) + start * columns * 4, sums + block * columns * 4];
        functions.sumRows(from, to, end - start, columns);
        start = end;
      }
    });
  });

  registerAddNumbers((backend) => getBoundModule(backend)?.functions.add);

  // How batch normalization gets its means; and how an image becomes one pixel.
  for (const name of ["Sum", "Mean"] as const) {
    accelerate(name, ({ functions, address }, { inputs: { x }, attrs, backend }) => {
      const sum = areFloats(x) ? computeAdjacentSum(x.shape, attrs) : undefined;
      if (!sum) return undefined;
      const { batch, rows, columns, shape } = sum;
      const bytes = columns * 4;
      return makeOutput(backend, shape, (y) => {
        for (let i = 0; i < batch; i++) {
          functions.sumRows(address(x) + i * rows * bytes, y + i * bytes, rows, columns);
        }
        if (name === "Mean") functions.multiplyBy(y, batch * columns, 1 / rows);
      });
    });
  }
}

/** The activation functions in the order of the module's numbers. */
const ACTIVATIONS = ["sigmoid", "tanh", "silu", "gelu"];

function activate(
  { functions, address }: BoundModule,
  backend: WasmBackend,
  x: tf.TensorInfo,
  kind: number,
): tf.TensorInfo | undefined {
  if (!areFloats(x)) return undefined;
  return makeOutput(backend, x.shape, (y) => {
    functions.activate(address(x), y, tf.util.sizeFromShape(x.shape), kind);
  });
}
