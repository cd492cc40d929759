import type * as tf from "@tensorflow/tfjs-core";
import { dropoutThreshold } from "../../host/_host_kernels.ts";
import type { DropoutAttrs } from "../../definitions/_kernel_names.ts";
import type { Setting } from "../device/_dispatch.ts";
import { THREEFRY } from "./_dropout_code.ts";

/** What is done with the sums of a product before they are stored. */
export type Epilogue =
  /** A bias for each column, ReLU, dropout by the number's place. */
  | {
    readonly kind: "activate";
    readonly bias: tf.TensorInfo;
    readonly relu: boolean;
    readonly dropout?: DropoutAttrs;
  }
  /** The gradient of ReLU: zeros where a tensor of the result's shape is zero. */
  | { readonly kind: "mask"; readonly mask: tf.TensorInfo; readonly scale: number }
  | { readonly kind: "scale"; readonly scale: number }
  /** A row of ones after the left operand's last: the sums of the right operand's columns, a bias's gradient. */
  | { readonly kind: "ones"; readonly sums: tf.TensorInfo; readonly scale: number };

/**
 * An epilogue as far as a program's code depends on it; of `"ones"` the part that comes before slices are summed. `"any"` is
 * for settings to say: none, `"activate"` without dropout, `"mask"` or `"scale"`.
 */
export type EpilogueKind =
  | "any"
  | "none"
  | "activate"
  | "activate-dropout"
  | "mask"
  | "scale"
  | "ones"
  | "ones-slices";

/** The kind of an epilogue that a program has all to itself. */
export function kindOf(epilogue: Epilogue | undefined): EpilogueKind {
  if (!epilogue) return "none";
  return epilogue.kind === "activate" && epilogue.dropout ? "activate-dropout" : epilogue.kind;
}

/** What a dispatch with an epilogue takes besides its own. */
export function epilogueArguments(epilogue: Epilogue | undefined): {
  readonly tensors: readonly tf.TensorInfo[];
  readonly settings: readonly Setting[];
  readonly fleeting: readonly Setting[];
} {
  if (!epilogue) return { tensors: [], settings: [], fleeting: [] };
  if (epilogue.kind === "activate") {
    const { bias, relu, dropout } = epilogue;
    const fleeting = dropout ? dropoutSettings(dropout) : [];
    return { tensors: [bias], settings: [relu ? 1 : 0], fleeting };
  }
  const tensors = epilogue.kind === "mask"
    ? [epilogue.mask]
    : epilogue.kind === "ones"
    ? [epilogue.sums]
    : [];
  return { tensors, settings: [{ float: epilogue.scale }], fleeting: [] };
}

/** The same for a program of the kind `"any"`, which binds some tensor in any case. */
export function anyArguments(
  epilogue: Epilogue | undefined,
  some: tf.TensorInfo,
): ReturnType<typeof epilogueArguments> {
  const { tensors: [tensor = some] } = epilogueArguments(epilogue);
  const scale = epilogue && "scale" in epilogue ? epilogue.scale : 1;
  const activates = epilogue?.kind === "activate" ? 1 + (epilogue.relu ? 2 : 0) : 0;
  const mode = activates + (epilogue?.kind === "mask" ? 4 : 0);
  return { tensors: [tensor], settings: [mode, { float: scale }], fleeting: [] };
}

/** The settings of `DROPOUT_CODE`. */
export function dropoutSettings({ rate, key0, key1, offset = 0 }: DropoutAttrs): Setting[] {
  return [key0, key1, offset | 0, dropoutThreshold(rate), { float: 1 / (1 - rate) }];
}

/** Dropout of a number by its place, word for word that of the host. */
export const DROPOUT_CODE = `${THREEFRY}
struct Dropout { key0 : i32, key1 : i32, offset : i32, threshold : i32, scale : f32 }
fn dropped(value : f32, index : i32) -> f32 {
  let at = u32(index) + bitcast<u32>(d.offset);
  let words = threefry(bitcast<u32>(d.key0), bitcast<u32>(d.key1), 0u, at / 2u);
  let word = select(words.x, words.y, at % 2u == 1u) >> 8u;
  return select(value * d.scale, 0.0, word < u32(d.threshold));
}`;

/** The members that an epilogue adds to a program's settings, at their end. */
export function epilogueSettings(kind: EpilogueKind): string {
  if (kind === "activate" || kind === "activate-dropout") return "  relu : i32,";
  if (kind === "any") return "  mode : i32,\n  scale : f32,";
  return kind === "none" || kind === "ones-slices" ? "" : "  scale : f32,";
}

/** The bindings and functions of an epilogue, the program's settings `s` among them. Its first binding is `binding`. */
export function epilogueCode(kind: EpilogueKind, binding: number): string {
  const activates = kind === "activate" || kind === "activate-dropout";
  const tensor = activates
    ? "read> bias"
    : kind === "any"
    ? "read> biasOrMask"
    : kind === "mask"
    ? "read> mask"
    : kind === "ones"
    ? "read_write> sums"
    : undefined;
  const next = tensor === undefined ? binding : binding + 1;
  return `${
    tensor === undefined
      ? ""
      : `@group(0) @binding(${binding}) var<storage, ${tensor} : array<f32>;`
  }
@group(0) @binding(${next}) var<uniform> s : Settings;
${
    activates
      ? `fn activated(sum : f32, bias : f32) -> f32 {
  let y = sum + bias;
  // This way round what is no number stays so.
  return select(y, 0.0, s.relu != 0 && y <= 0.0);
}`
      : kind === "any"
      ? `fn finished(sum : f32, column : i32, at : i32) -> f32 {
  if ((s.mode & 4) != 0) { return select(sum, 0.0, biasOrMask[at] <= 0.0); }
  let y = sum + biasOrMask[column];
  return select(y, 0.0, (s.mode & 2) != 0 && y <= 0.0);
}`
      : ""
  }${
    kind === "activate-dropout"
      ? `
@group(0) @binding(${next + 1}) var<uniform> d : Dropout;
${DROPOUT_CODE}`
      : ""
  }`;
}

/** A finished number, as WGSL: of `sum` at `at` of the result, in a `column`. */
export function finished(kind: EpilogueKind): string {
  if (kind === "any") return "finished(sum, column, at)";
  if (kind === "activate") return "activated(sum, bias[column])";
  if (kind === "activate-dropout") return "dropped(activated(sum, bias[column]), at)";
  if (kind === "mask") return "select(sum * s.scale, 0.0, mask[at] <= 0.0)";
  return kind === "none" || kind === "ones-slices" ? "sum" : "sum * s.scale";
}
