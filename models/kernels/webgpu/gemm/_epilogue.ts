import type * as tf from "@tensorflow/tfjs-core";
import type { DropoutAttrs } from "../../definitions/_kernel_names.ts";
import type { Setting } from "../device/_dispatch.ts";
import { writeIsAtMostZero } from "../device/_float_bits.ts";
import { DROPOUT_CODE, listDropoutSettings } from "./_dropout_code.ts";

/** The operations on the sums of a product before they are stored. */
export type Epilogue =
  /** A bias for each column, ReLU, dropout by the number's place. */
  | {
    readonly kind: "activate";
    readonly bias: tf.TensorInfo;
    readonly relu: boolean;
    readonly dropout?: DropoutAttrs | undefined;
  }
  /** The gradient of ReLU: zeros where a tensor of the result's shape is zero. */
  | { readonly kind: "mask"; readonly mask: tf.TensorInfo; readonly scale: number }
  | { readonly kind: "scale"; readonly scale: number }
  /** A row of ones after the left operand's last: the sums of the right operand's columns, a bias's gradient. */
  | { readonly kind: "ones"; readonly sums: tf.TensorInfo; readonly scale: number };

/**
 * An epilogue as far as a program's code depends on it; of `"ones"` the part that comes before slices are summed. `"any"` is
 * left to the settings: none, `"activate"` without dropout, `"mask"` or `"scale"`.
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

/** Gives the kind of an epilogue that a program has all to itself. */
export function getEpilogueKind(epilogue: Epilogue | undefined): EpilogueKind {
  if (!epilogue) return "none";
  return epilogue.kind === "activate" && epilogue.dropout ? "activate-dropout" : epilogue.kind;
}

/** The arguments that an epilogue adds to those of a dispatch. */
export interface EpilogueArguments {
  readonly tensors: readonly tf.TensorInfo[];
  readonly settings: readonly Setting[];
  readonly stepSettings: readonly Setting[];
}

/** Lists the arguments of an epilogue. */
export function listEpilogueArguments(epilogue: Epilogue | undefined): EpilogueArguments {
  if (!epilogue) return { tensors: [], settings: [], stepSettings: [] };
  if (epilogue.kind === "activate") {
    const { bias, relu, dropout } = epilogue;
    const stepSettings = dropout ? listDropoutSettings(dropout) : [];
    return { tensors: [bias], settings: [relu ? 1 : 0], stepSettings };
  }
  const tensors = epilogue.kind === "mask"
    ? [epilogue.mask]
    : epilogue.kind === "ones"
    ? [epilogue.sums]
    : [];
  return { tensors, settings: [{ float: epilogue.scale }], stepSettings: [] };
}

/** Lists them for a program of the kind `"any"`, which binds some tensor in any case. */
export function listMergedArguments(
  epilogue: Epilogue | undefined,
  some: tf.TensorInfo,
): EpilogueArguments {
  const { tensors: [tensor = some] } = listEpilogueArguments(epilogue);
  const scale = epilogue && "scale" in epilogue ? epilogue.scale : 1;
  const activates = epilogue?.kind === "activate" ? 1 + (epilogue.relu ? 2 : 0) : 0;
  const mode = activates + (epilogue?.kind === "mask" ? 4 : 0);
  return { tensors: [tensor], settings: [mode, { float: scale }], stepSettings: [] };
}

/** Declares the members that an epilogue adds to a program's settings, at their end. */
export function declareEpilogueSettings(kind: EpilogueKind): string {
  if (kind === "activate" || kind === "activate-dropout") return "  relu : i32,";
  if (kind === "any") return "  mode : i32,\n  scale : f32,";
  return kind === "none" || kind === "ones-slices" ? "" : "  scale : f32,";
}

/** Declares the bindings and functions of an epilogue, the program's settings `s` among them, from `binding` on. */
export function declareEpilogue(kind: EpilogueKind, binding: number): string {
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
  return select(y, 0.0, s.relu != 0 && ${writeIsAtMostZero("y")});
}`
      : kind === "any"
      ? `fn finished(sum : f32, column : i32, at : i32) -> f32 {
  if ((s.mode & 4) != 0) { return select(sum, 0.0, ${writeIsAtMostZero("biasOrMask[at]")}); }
  let y = sum + biasOrMask[column];
  return select(y, 0.0, (s.mode & 2) != 0 && ${writeIsAtMostZero("y")});
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

/** Writes the WGSL of a finished number: of `sum` at `at` of the result, in a `column`. */
export function writeFinished(kind: EpilogueKind): string {
  if (kind === "any") return "finished(sum, column, at)";
  if (kind === "activate") return "activated(sum, bias[column])";
  if (kind === "activate-dropout") return "dropped(activated(sum, bias[column]), at)";
  if (kind === "mask") return `select(sum * s.scale, 0.0, ${writeIsAtMostZero("mask[at]")})`;
  return kind === "none" || kind === "ones-slices" ? "sum" : "sum * s.scale";
}
