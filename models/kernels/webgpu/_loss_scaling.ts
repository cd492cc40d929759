// Loss scaling, as PyTorch's GradScaler does it, without anything read back: gradients are computed of the loss times a
// scale, so that half precision doesn't round them to nothing. Where one of them overflows nothing is updated in this step,
// and the scale halves; after some steps without overflow it doubles. The steps that were skipped are counted, so that updates
// can be numbered without them.
import type * as tf from "@tensorflow/tfjs-core";
import { dispatch, type Program } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/**
 * Declares the state of loss scaling in a program: the scale, the steps without overflow after which it doubles, how many
 * there were, 1 where a gradient of this step is infinite or NaN, and how many steps were skipped for that so far.
 */
export function declareScaling(overflow: "f32" | "atomic<u32>"): string {
  return `struct Scaling {
  scale : f32, interval : f32, steps : f32, overflow : ${overflow}, skipped : f32,
}`;
}

const NEXT_SCALE: Program = {
  key: "rill-next-scale",
  code: () =>
    `${declareScaling("f32")}
@group(0) @binding(0) var<storage, read_write> scaling : Scaling;
@compute @workgroup_size(1)
fn main() {
  let steps = scaling.steps + 1.0;
  let overflow = scaling.overflow != 0.0;
  let grows = !overflow && steps >= scaling.interval;
  let factor = select(select(1.0, 2.0, grows), 0.5, overflow);
  // Within what has a reciprocal.
  scaling.scale = clamp(scaling.scale * factor, 0x1p-126f, 0x1p126f);
  scaling.steps = select(steps, 0.0, overflow || grows);
  scaling.skipped += select(0.0, 1.0, overflow);
  scaling.overflow = 0.0;
}
`,
};

/** Computes, after a step, the scale of the next one. */
export function updateScale(backend: GpuBackend, scaling: tf.TensorInfo): void {
  dispatch(backend, NEXT_SCALE, [scaling], [], [1, 1, 1]);
  backend.tensorMap.get(scaling.dataId).values = null;
}
