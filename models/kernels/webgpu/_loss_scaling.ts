// Loss scaling, as PyTorch's GradScaler does it, without anything read back: gradients are computed of the loss times a
// scale, so that half precision doesn't round them to nothing. Where one of them overflows nothing is updated in this step,
// and the scale halves; after some steps without it doubles.
import type * as tf from "@tensorflow/tfjs-core";
import { dispatch, type Program } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { scalingStruct } from "./_scaling_struct.ts";
import { type Updated, updateInPlace, type UpdateRule } from "./_update.ts";

/** Notes whether a gradient is infinite or no number, by its bits: compilers may take it that there are none. */
const OVERFLOW: UpdateRule = {
  key: "overflow",
  own: [],
  step: "",
  code: (width) => {
    const bits = width === 4 ? "vec4<u32>" : "u32";
    return `  let exponent = ${bits}(0x7f800000u);
  if (any((bitcast<${bits}>(g) & exponent) == exponent)) {
    atomicStore(&scaling.overflow, 0x3f800000u);
  }`;
  },
};

/** Notes in the state of the scaling whether a gradient is infinite or no number. */
export function findOverflow(
  backend: GpuBackend,
  updates: readonly Updated[],
  scaling: tf.TensorInfo,
): void {
  const gradients = updates.map(({ gradient }) => ({ own: [], gradient }));
  updateInPlace(backend, OVERFLOW, gradients, [], scaling);
}

const NEXT_SCALE: Program = {
  key: "rill-next-scale",
  code: () =>
    `${scalingStruct("f32")}
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
  scaling.overflow = 0.0;
}
`,
};

/** After a step, the scale of the next one. */
export function nextScale(backend: GpuBackend, scaling: tf.TensorInfo): void {
  dispatch(backend, NEXT_SCALE, [scaling], [], [1, 1, 1]);
  backend.tensorMap.get(scaling.dataId).values = null;
}
