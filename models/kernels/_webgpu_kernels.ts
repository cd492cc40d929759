import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dropoutThreshold } from "./host/_host_kernels.ts";
import {
  ADAM_UPDATE,
  type AdamAttrs,
  DROPOUT,
  type DropoutAttrs,
} from "./definitions/_kernel_names.ts";
import { type PoolAttrs, poolWindows } from "./definitions/_pool_windows.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";
import { THREEFRY } from "./webgpu/gemm/_dropout_code.ts";

/** A program in tfjs's form: one output, one element a thread. */
class ElementwiseProgram {
  readonly outputShape: number[];
  readonly dispatchLayout: { x: number[] };
  readonly dispatch: [number, number, number];
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;

  constructor(
    readonly shaderKey: string,
    readonly variableNames: string[],
    readonly uniforms: string,
    outputShape: number[],
    elements: number,
    private readonly declarations: string,
    private readonly body: string,
  ) {
    this.outputShape = outputShape;
    this.dispatchLayout = { x: outputShape.map((_, d) => d) };
    // A dispatch has at most 65,535 workgroups a dimension; tfjs's getGlobalIndex() folds the three into one.
    const groups = Math.ceil(elements / 64);
    const side = groups <= 65535 ? groups : Math.ceil(Math.sqrt(groups));
    this.dispatch = [side, Math.ceil(groups / side), 1];
  }

  getUserCode(): string {
    // tfjs wraps this in an entry point of its own.
    return `${this.declarations}
fn main(index : i32) {
  if (index < uniforms.size) {
${this.body}
  }
}`;
  }
}

/** Whether the pixel `at` is the first of the largest in the window that begins at `corner`. */
const FIRST_MAXIMUM = `
fn isFirstMaximum(at : vec4<i32>, corner : vec2<i32>) -> bool {
  let value = getX(at.x, at.y, at.z, at.w);
  let begin = max(corner, vec2<i32>(0));
  let end = min(corner + uniforms.window, uniforms.xShape.yz);
  for (var row = begin.x; row < end.x; row = row + 1) {
    for (var column = begin.y; column < end.y; column = column + 1) {
      let other = getX(at.x, row, column, at.w);
      let before = row < at.y || (row == at.y && column < at.z);
      if (other > value || (before && other == value)) { return false; }
    }
  }
  return true;
}`;

type Run = (
  program: ElementwiseProgram,
  inputs: tf.TensorInfo[],
  uniforms: { type: string; data: number[] }[],
) => tf.TensorInfo;

/** Rill's kernels for tfjs's WebGPU backend. */
export function registerWebgpuKernels(): void {
  const runner = (backend: unknown): Run => (program, inputs, uniforms) =>
    (backend as WebGPUBackend).runWebGPUProgram(
      program as unknown as Parameters<WebGPUBackend["runWebGPUProgram"]>[0],
      inputs,
      "float32",
      uniforms,
    );

  replaceKernel("webgpu", DROPOUT, ({ inputs, attrs, backend }) => {
    const { rate, key0, key1, offset = 0 } = attrs as unknown as DropoutAttrs;
    const { shape } = inputs.x;
    const program = new ElementwiseProgram(
      "rillDropout",
      ["x"],
      "key0 : i32, key1 : i32, offset : i32, threshold : i32, scale : f32,",
      shape,
      tf.util.sizeFromShape(shape),
      THREEFRY,
      `    let at = u32(index) + bitcast<u32>(uniforms.offset);
    let words = threefry(bitcast<u32>(uniforms.key0), bitcast<u32>(uniforms.key1), 0u, at / 2u);
    let word = select(words.x, words.y, at % 2u == 1u) >> 8u;
    let value = getXByOutputIndex(index) * uniforms.scale;
    setOutputAtIndex(index, select(value, 0.0, word < u32(uniforms.threshold)));`,
    );
    return runner(backend)(program, [inputs.x], [
      { type: "int32", data: [key0] },
      { type: "int32", data: [key1] },
      { type: "int32", data: [offset | 0] },
      { type: "int32", data: [dropoutThreshold(rate)] },
      { type: "float32", data: [1 / (1 - rate)] },
    ]);
  });

  replaceKernel("webgpu", ADAM_UPDATE, ({ inputs, attrs, backend }) => {
    const { beta1, beta2, stepSize, correction, epsilon } = attrs as unknown as AdamAttrs;
    const { parameter, gradient, m, v } = inputs;
    const { shape } = m;
    const elements = tf.util.sizeFromShape(shape);
    const run = runner(backend);
    const float = (value: number) => ({ type: "float32", data: [value] });
    const elementwise = (key: string, variables: string[], uniforms: string, body: string) =>
      new ElementwiseProgram(key, variables, uniforms, shape, elements, "", body);
    const nextM = run(
      elementwise(
        "rillAdamM",
        ["g", "m"],
        "beta : f32, rest : f32,",
        "    setOutputAtIndex(index, uniforms.beta * getMByOutputIndex(index) + uniforms.rest * getGByOutputIndex(index));",
      ),
      [gradient, m],
      [float(beta1), float(1 - beta1)],
    );
    const nextV = run(
      elementwise(
        "rillAdamV",
        ["g", "v"],
        "beta : f32, rest : f32,",
        `    let g = getGByOutputIndex(index);
    setOutputAtIndex(index, uniforms.beta * getVByOutputIndex(index) + uniforms.rest * g * g);`,
      ),
      [gradient, v],
      [float(beta2), float(1 - beta2)],
    );
    const nextParameter = run(
      elementwise(
        "rillAdamParameter",
        ["p", "m", "v"],
        "stepSize : f32, scale : f32, epsilon : f32,",
        `    let denominator = sqrt(getVByOutputIndex(index)) * uniforms.scale + uniforms.epsilon;
    setOutputAtIndex(index, getPByOutputIndex(index) - uniforms.stepSize * getMByOutputIndex(index) / denominator);`,
      ),
      [parameter, nextM, nextV],
      [float(stepSize), float(1 / correction), float(epsilon)],
    );
    return [nextParameter, nextM, nextV];
  });

  // tfjs's own gives a window's gradient to the last of equal maxima.
  replaceKernel("webgpu", "MaxPoolGrad", ({ inputs, attrs, backend }) => {
    const { input, dy } = inputs;
    const windows = poolWindows(input.shape, attrs as unknown as PoolAttrs);
    const program = new ElementwiseProgram(
      "rillMaxPoolGradient",
      ["x", "dy"],
      "window : vec2<i32>, strides : vec2<i32>, padding : vec2<i32>, windows : vec2<i32>,",
      input.shape,
      tf.util.sizeFromShape(input.shape),
      FIRST_MAXIMUM,
      `    let at = getCoordsFromIndex(index);
    let padded = at.yz + uniforms.padding;
    // Rounded up, so that the first window is one that still reaches this far.
    let first = max((padded - uniforms.window + uniforms.strides) / uniforms.strides, vec2<i32>(0));
    let last = min(padded / uniforms.strides, uniforms.windows - 1);
    var sum = 0.0;
    for (var row = first.x; row <= last.x; row = row + 1) {
      for (var column = first.y; column <= last.y; column = column + 1) {
        let corner = vec2<i32>(row, column) * uniforms.strides - uniforms.padding;
        if (isFirstMaximum(at, corner)) { sum = sum + getDy(at.x, row, column, at.w); }
      }
    }
    setOutputAtIndex(index, sum);`,
    );
    const pair = (data: readonly [number, number]) => ({ type: "int32", data: [...data] });
    return runner(backend)(program, [input, dy], [
      pair(windows.window),
      pair(windows.strides),
      pair(windows.padding),
      pair(windows.output),
    ]);
  });
}
