// Optimisers' updates, in place, of several small parameters in one dispatch: each has workgroups of its own.
import * as tf from "@tensorflow/tfjs-core";
import { dispatch, type Program, type Setting } from "./_dispatch.ts";
import type { GpuBackend } from "./_gpu_backend.ts";

/** How one number of a parameter is updated. */
export interface UpdateRule {
  readonly key: string;
  /** The names of a parameter's running values. */
  readonly slots: readonly string[];
  /** The members of what changes from step to step, `step` in the code. */
  readonly step: string;
  /** Statements that update `parameter[at]` and the slots' `[at]`, given the gradient `g`. All are `f32` or vectors of it. */
  readonly code: string;
}

/** A parameter with its running values, and its gradient. */
export interface Updated {
  readonly own: readonly tf.TensorInfo[];
  readonly gradient: tf.TensorInfo;
}

/** Programs are written for so many parameters at most, or fewer where a device binds fewer buffers. */
const MOST = 8;
/**
 * Larger parameters have a dispatch each. A software adapter goes through the code for all parameters for each number, if
 * with nothing to do: AlexNet's in two dispatches took it three times as long as in one a parameter.
 */
const LARGE = 65536;

/** Widths: whether numbers come four at a time or one by one. */
function program(rule: UpdateRule, widths: readonly (1 | 4)[]): Program {
  const names = ["parameter", ...rule.slots, "gradient"];
  return {
    key: `rill-update-${rule.key}-${widths.join("")}`,
    code: () =>
      `struct Settings { ${widths.map((_, i) => `end${i} : u32`).join(", ")} }
struct Step { ${rule.step} }
${
        widths.flatMap((width, i) =>
          names.map((name, j) =>
            `@group(0) @binding(${i * names.length + j}) var<storage, ${
              name === "gradient" ? "read" : "read_write"
            }> ${name}${i} : array<${width === 4 ? "vec4<f32>" : "f32"}>;`
          )
        ).join("\n")
      }
@group(0) @binding(${widths.length * names.length}) var<uniform> s : Settings;
@group(0) @binding(${widths.length * names.length + 1}) var<uniform> step : Step;
${
        widths.map((_, i) =>
          `fn update${i}(at : u32) {
  if (at >= arrayLength(&parameter${i})) { return; }
  let g = gradient${i}[at];
${rule.code.replace(new RegExp(`\\b(${names.join("|")})\\[`, "g"), `$1${i}[`)}
}`
        ).join("\n")
      }
@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  let own = group.y * groups.x + group.x;
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

/** Updates parameters in place. */
export function updateInPlace(
  backend: GpuBackend,
  rule: UpdateRule,
  parameters: readonly Updated[],
  step: readonly Setting[],
): void {
  const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupsPerDimension } =
    backend.device.limits;
  const most = Math.min(
    MOST,
    Math.floor(maxStorageBuffersPerShaderStage / (rule.slots.length + 2)),
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
      program(rule, widths),
      chunk.flatMap(({ own, gradient }) => [...own, gradient]),
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
