import type * as tf from "@tensorflow/tfjs-core";
import { declareScaling } from "./_loss_scaling.ts";
import { dispatch, makeOutput, type Program } from "./device/_dispatch.ts";
import { writeIsNaN } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

const THREADS = 64;

const getProgram = (scaled: boolean): Program => ({
  key: `rill-cross-entropy${scaled ? "-scaled" : ""}`,
  code: () =>
    `struct Settings { rows : i32, classes : i32, share : f32 }
@group(0) @binding(0) var<storage, read_write> measured : array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient : array<f32>;
@group(0) @binding(2) var<storage, read> logits : array<f32>;
@group(0) @binding(3) var<storage, read> labels : array<i32>;
${
      scaled
        ? `${declareScaling("f32")}
@group(0) @binding(4) var<storage, read> scaling : Scaling;
`
        : ""
    }@group(0) @binding(${scaled ? 5 : 4}) var<uniform> s : Settings;
// The exponential of this is 0. That of an infinite number is the compiler's to choose.
const LEAST = -200.0;
var<workgroup> losses : array<f32, ${THREADS}>;
var<workgroup> hits : array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_id) thread : vec3<u32>) {
  let own = i32(thread.x);
  // Of a variable, since constants must not be NaN.
  var bits = 0x7fc00000u;
  let nan = bitcast<f32>(bits);
  var loss = 0.0;
  var correct = 0.0;
  for (var row = own; row < s.rows; row += ${THREADS}) {
    let first = row * s.classes;
    let label = labels[row];
    var best = 0;
    var most = logits[first];
    var foundNan = ${writeIsNaN("most")};
    for (var c = 1; c < s.classes; c++) {
      let logit = logits[first + c];
      // The first NaN is the largest, as in PyTorch.
      let isNan = ${writeIsNaN("logit")};
      if (!foundNan && (isNan || logit > most)) {
        best = c;
        most = logit;
        foundNan = isNan;
      }
    }
    // What is infinite or NaN there has no softmax.
    let isInvalid = (bitcast<u32>(most) & 0x7f800000u) == 0x7f800000u;
    var sum = 0.0;
    for (var c = 0; c < s.classes; c++) { sum += exp(max(logits[first + c] - most, LEAST)); }
    // As a subtraction of a logarithm, so that a probability of 0 gives a finite loss.
    let logSum = log(sum);
    loss += select(logSum - (logits[first + label] - most), nan, isInvalid);
    correct += select(0.0, 1.0, best == label);
    for (var c = 0; c < s.classes; c++) {
      let probability = exp(max(logits[first + c] - most - logSum, LEAST));
      let difference = probability - select(0.0, 1.0, c == label);
      gradient[first + c] = select(s.share * ${
      scaled ? "scaling.scale * " : ""
    }difference, nan, isInvalid);
    }
  }
  losses[own] = loss;
  hits[own] = correct;
  workgroupBarrier();
  // By one thread, always in the same order.
  if (own > 0) { return; }
  for (var i = 1; i < ${THREADS}; i++) {
    loss += losses[i];
    correct += hits[i];
  }
  measured[0] = loss * s.share;
  measured[1] = correct;
}
`,
});

/**
 * Measures the mean cross-entropy of softmax(logits) and how many examples are correct, and computes the gradient of the
 * first, times the scale where there is loss scaling.
 */
export function measureCrossEntropy(
  backend: GpuBackend,
  logits: tf.TensorInfo,
  labels: tf.TensorInfo,
  scaling?: tf.TensorInfo,
): [measured: tf.TensorInfo, gradient: tf.TensorInfo] {
  const [rows = 0, classes = 0] = logits.shape;
  const measured = makeOutput(backend, [2]);
  const gradient = makeOutput(backend, logits.shape);
  dispatch(
    backend,
    getProgram(scaling !== undefined),
    [measured, gradient, logits, labels, ...scaling ? [scaling] : []],
    [rows, classes, { float: 1 / rows }],
    [1, 1, 1],
  );
  return [measured, gradient];
}
