// Optimisers' updates, in place, of several small parameters in one dispatch: each has workgroups of its own.
import * as tf from "@tensorflow/tfjs-core";
import { dispatch, type Program, type Setting } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { scalingStruct } from "./_scaling_struct.ts";

/** How one number of a parameter is updated. */
export interface UpdateRule {
  readonly key: string;
  /** The names of what is updated: a parameter and its running values. */
  readonly own: readonly string[];
  /** The members of what changes from step to step, `step` in the code. */
  readonly step: string;
  /** Statements that update `parameter[at]` and the others' `[at]`, given the gradient `g`. All are so many numbers wide. */
  readonly code: (width: 1 | 4) => string;
}

/** A parameter with its running values, and its gradient. */
export interface Updated {
  readonly own: readonly tf.TensorInfo[];
  readonly gradient: tf.TensorInfo;
}

/**
 * Programs are written for so many parameters at most, or fewer where a device binds fewer buffers; for twice as many where
 * nothing is updated, of which there is little code.
 */
const MOST = 8;
/**
 * Larger parameters have a dispatch each. A software adapter goes through the code for all parameters for each number, if
 * with nothing to do: AlexNet's in two dispatches took it three times as long as in one a parameter.
 */
const LARGE = 65536;

/**
 * Widths: whether numbers come four at a time or one by one. Where gradients are scaled, they are divided by the scale, and
 * after an overflow nothing is done; but a rule that updates nothing gets them as they are, to look for one.
 */
function program(rule: UpdateRule, widths: readonly (1 | 4)[], scaled: boolean): Program {
  const names = [...rule.own, "gradient"];
  const updates = rule.own.length > 0;
  const tensors = widths.length * names.length;
  const uniforms = tensors + (scaled ? 1 : 0);
  return {
    key: `rill-update-${rule.key}-${widths.join("")}${scaled ? "-scaled" : ""}`,
    code: () =>
      `struct Settings { ${widths.map((_, i) => `end${i} : u32`).join(", ")} }
${rule.step && `struct Step { ${rule.step} }`}
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
        scaled
          ? `${scalingStruct(updates ? "f32" : "atomic<u32>")}
@group(0) @binding(${tensors}) var<storage, ${updates ? "read" : "read_write"}> scaling : Scaling;
`
          : ""
      }@group(0) @binding(${uniforms}) var<uniform> s : Settings;
${rule.step && `@group(0) @binding(${uniforms + 1}) var<uniform> step : Step;`}
${
        widths.map((width, i) =>
          `fn update${i}(at : u32) {
  if (at >= arrayLength(&${names[0]}${i})) { return; }
  let g = gradient${i}[at]${scaled && updates ? " / scaling.scale" : ""};
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
        scaled && updates
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

/** Updates parameters in place; with scaled gradients unless one of them has overflown. */
export function updateInPlace(
  backend: GpuBackend,
  rule: UpdateRule,
  parameters: readonly Updated[],
  step: readonly Setting[],
  scaling?: tf.TensorInfo,
): void {
  const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupsPerDimension } =
    backend.device.limits;
  const most = Math.min(
    rule.own.length > 0 ? MOST : 2 * MOST,
    Math.floor((maxStorageBuffersPerShaderStage - (scaling ? 1 : 0)) / (rule.own.length + 1)),
  );
  const sizeOf = ({ gradient }: Updated) => tf.util.sizeFromShape(gradient.shape);
  const large = parameters.filter((updated) => sizeOf(updated) >= LARGE);
  const small = parameters.filter((updated) => sizeOf(updated) < LARGE);
  const chunks = large.map((updated) => [updated]);
  for (let i = 0; i < small.length; i += most) chunks.push(small.slice(i, i + most));
  for (const chunk of chunks) {
    const sizes = chunk.map(sizeOf);
    const widths = sizes.map((size) => size % 4 === 0 ? 4 : 1);
    let groups = 0;
    const ends = sizes.map((size, i) => groups += Math.ceil(size / widths[i] / 64));
    const y = Math.ceil(groups / maxComputeWorkgroupsPerDimension);
    dispatch(
      backend,
      program(rule, widths, scaling !== undefined),
      [...chunk.flatMap(({ own, gradient }) => [...own, gradient]), ...scaling ? [scaling] : []],
      ends,
      [Math.ceil(groups / y), y, 1],
      step,
    );
    // What tfjs has read back of these is no longer so.
    for (const { own } of chunk) {
      for (const { dataId } of own) backend.tensorMap.get(dataId).values = null;
    }
  }
}
