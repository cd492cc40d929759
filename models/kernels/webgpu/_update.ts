// Optimizers' updates, in place, of several small parameters in one dispatch: each has workgroups of its own.
import * as tf from "@tensorflow/tfjs-core";
import { declareScaling } from "./_loss_scaling.ts";
import {
  declareSettings,
  OVERFLOW,
  type UpdateRule,
  type Width,
  writeNumbered,
} from "./_update_rules.ts";
import { dispatch, type Program, type Setting, spreadGroups } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** A parameter with its running values, and its gradient. */
export interface Updated {
  readonly own: readonly tf.TensorInfo[];
  readonly gradient: tf.TensorInfo;
}

/**
 * The parameters of a program at most, or fewer where a device binds fewer buffers; twice as many where nothing is updated,
 * which takes little code.
 */
const MOST = 8;
/**
 * The size from which on a parameter has a dispatch of its own. For each number a software adapter goes through the code of
 * all parameters, even of those that don't concern it: AlexNet's in two dispatches took three times as long as in one a
 * parameter.
 */
const LARGE = 65536;

/** The state of loss scaling, and what it is to an update. */
export interface Scaling {
  readonly state: tf.TensorInfo;
  /** Whether gradients are divided by the scale. */
  readonly divides: boolean;
}

/**
 * Gives the program of a rule for parameters of some widths: numbers come four at a time or one by one. After an overflow of
 * scaled gradients nothing is done; but a rule that updates nothing gets them as they are, to look for one.
 */
function getProgram(
  rule: UpdateRule,
  widths: readonly Width[],
  scaling: Pick<Scaling, "divides"> | undefined,
): Program {
  const names = [...rule.own, "gradient"];
  const updates = rule.own.length > 0;
  const tensors = widths.length * names.length;
  const uniforms = tensors + (scaling ? 1 : 0);
  const suffix = scaling ? scaling.divides ? "-scaled" : "-unscaled" : "";
  return {
    key: `rill-update-${rule.key}-${widths.join("")}${suffix}`,
    code: () =>
      `struct Settings { ${widths.map((_, i) => `end${i} : u32`).join(", ")} }
${updates ? declareSettings(rule, scaling !== undefined) : ""}
${
        widths.flatMap((width, i) =>
          names.map((name, j) =>
            `@group(0) @binding(${i * names.length + j}) var<storage, ${
              name === "gradient" ? "read" : "read_write"
            }> ${name}${i} : array<${width === 4 ? "vec4<f32>" : "f32"}>;`
          )
        ).join("\n")
      }
${
        scaling
          ? `${declareScaling(updates ? "f32" : "atomic<u32>")}
@group(0) @binding(${tensors}) var<storage, ${updates ? "read" : "read_write"}> scaling : Scaling;
`
          : ""
      }@group(0) @binding(${uniforms}) var<uniform> s : Settings;
${updates ? `@group(0) @binding(${uniforms + 1}) var<uniform> step : Step;` : ""}
${
        widths.map((width, i) =>
          `fn update${i}(at : u32) {
  if (at >= arrayLength(&${names[0]}${i})) { return; }
  let gradient = gradient${i}[at]${updates && scaling?.divides ? " / scaling.scale" : ""};
${updates ? writeNumbered(rule, scaling !== undefined) : ""}
${rule.code(width).replace(new RegExp(`\\b(${names.join("|")})\\[`, "g"), `$1${i}[`)}
}`
        ).join("\n")
      }
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
${
        scaling && updates
          ? "  if (scaling.overflow != 0.0) { return; }\n"
          : ""
      }  let own = group.y * groups.x + group.x;
${
        widths.map((_, i) =>
          `  ${i > 0 ? "else " : ""}if (own < s.end${i}) { update${i}((own - ${
            i > 0 ? `s.end${i - 1}` : "0u"
          }) * 64u + thread.x); }`
        ).join("\n")
      }
}
`,
  };
}

/** Looks for infinite numbers and NaN among scaled gradients: the state tells of them afterwards. */
export function findOverflow(
  backend: GpuBackend,
  gradients: readonly tf.TensorInfo[],
  state: tf.TensorInfo,
): void {
  const parameters = gradients.map((gradient) => ({ own: [], gradient }));
  updateInPlace(backend, OVERFLOW, parameters, [], { state, divides: false });
  backend.tensorMap.get(state.dataId).values = null;
}

/** Updates parameters in place: with scaled gradients, all of them, or none after an overflow. */
export function updateInPlace(
  backend: GpuBackend,
  rule: UpdateRule,
  parameters: readonly Updated[],
  step: readonly Setting[],
  scaling?: Scaling,
): void {
  const { maxStorageBuffersPerShaderStage } = backend.device.limits;
  const most = Math.min(
    rule.own.length > 0 ? MOST : 2 * MOST,
    Math.floor((maxStorageBuffersPerShaderStage - (scaling ? 1 : 0)) / (rule.own.length + 1)),
  );
  for (const chunk of groupParameters(parameters, most)) {
    const widths: Width[] = [];
    const ends: number[] = [];
    let groups = 0;
    for (const { gradient } of chunk) {
      const size = tf.util.sizeFromShape(gradient.shape);
      const width = size % 4 === 0 ? 4 : 1;
      groups += Math.ceil(size / width / 64);
      widths.push(width);
      ends.push(groups);
    }
    dispatch(
      backend,
      getProgram(rule, widths, scaling),
      [
        ...chunk.flatMap(({ own, gradient }) => [...own, gradient]),
        ...scaling ? [scaling.state] : [],
      ],
      ends,
      spreadGroups(backend, groups),
      step,
    );
    // The numbers that tfjs has read back of these are no longer theirs.
    for (const { own } of chunk) {
      for (const { dataId } of own) backend.tensorMap.get(dataId).values = null;
    }
  }
}

/** Groups parameters by dispatch: large ones alone, small ones together, empty ones not at all. */
function groupParameters(parameters: readonly Updated[], most: number): Updated[][] {
  const alone: Updated[][] = [];
  const together: Updated[] = [];
  for (const parameter of parameters) {
    const size = tf.util.sizeFromShape(parameter.gradient.shape);
    if (size >= LARGE) alone.push([parameter]);
    else if (size > 0) together.push(parameter);
  }
  for (let i = 0; i < together.length; i += most) alone.push(together.slice(i, i + most));
  return alone;
}
