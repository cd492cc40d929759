import * as tf from "@tensorflow/tfjs-core";
import { dispatch, output } from "../device/_dispatch.ts";
import { gemmClass } from "./_gemm_class.ts";
import { gemmCode, gemmKey } from "./_gemm_code.ts";
import { GEMM_SETTINGS, type GemmLayout, type GemmSettings, gemmWidth } from "./_gemm_settings.ts";
import {
  anyArguments,
  type Epilogue,
  epilogueArguments,
  type EpilogueKind,
  kindOf,
} from "./_epilogue.ts";
import { writesOut } from "./_gemm_stores.ts";
import { chooseParameters, type GemmParameters } from "./_gemm_parameters.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import { isMixed } from "../device/_precision.ts";
import { sumSlices } from "./_sum_slices.ts";
import { tuning } from "./_tuning.ts";

/** A product, or a batch of them, without how its inner dimension is split. */
export interface Gemm {
  readonly layout: GemmLayout;
  readonly batch: number;
  readonly settings: Omit<
    GemmSettings,
    "onesRow" | "slices" | "innerSlices" | "sliceSegments" | "sliceInner" | "resultSlice"
  >;
}

/** Steps of the inner dimension that a slice has at least: less is not worth a second pass. */
const LEAST_SLICE = 256;

/** The epilogues that a program of the kind `"any"` has. */
const MERGED: readonly EpilogueKind[] = ["none", "activate", "mask", "scale"];

/**
 * Turns of the loops that a slice should take at most; no slice takes twice as many. lavapipe ends a thread's loops after
 * 65,535 turns in all, without an error: the rest of the sum would be missing.
 */
const MOST_TURNS = 32_000;

/** Computes a product into elements of a tensor. The elements have to be all of it where the product is split. */
export function multiplyInto(
  backend: GpuBackend,
  gemm: Gemm,
  left: tf.TensorInfo,
  right: tf.TensorInfo,
  result: tf.TensorInfo,
  /** Whether the result is this product alone, so that it may be computed in slices. */
  whole: boolean,
  epilogue?: Epilogue,
): void {
  const { sets, groups: usual, subgroups = "", tuned } = tuning(backend);
  const { columns, segments, inner } = gemm.settings;
  const measures = { rows: gemm.settings.rows, columns, inner: segments * inner };
  const { parameters, groups } = tuned?.get(gemmClass(gemm.layout, measures), measures) ?? {
    parameters: chooseParameters(sets, measures.rows, columns, measures.inner),
    groups: usual,
  };
  // The row of ones is the first of a thread's block: only there the code looks for it.
  const { block: [blockRows] } = parameters;
  const onesRow = Math.ceil(gemm.settings.rows / blockRows) * blockRows;
  const ones = epilogue?.kind === "ones";
  const rows = ones ? onesRow + 1 : gemm.settings.rows;
  const tiles = tilesOf(parameters, rows, columns) * gemm.batch;
  const wanted = Math.max(groups / tiles, segments * (inner + 1) / MOST_TURNS);
  const split = sliceInner(gemm, whole ? Math.ceil(wanted) : 1);
  const { slices } = split;
  const sliced = slices > 1;
  const size = tf.util.sizeFromShape(result.shape) + (ones ? columns : 0);
  const target = sliced ? output(backend, [slices, size]) : result;
  const values: GemmSettings = { ...gemm.settings, ...split, resultSlice: size, onesRow };
  // Where there are slices, what comes after the product comes after their sum.
  const own = sliced ? undefined : epilogue;
  const ownKind = sliced && ones ? "ones-slices" : kindOf(own);
  // Programs with large blocks take long to compile: one of them does for several epilogues.
  const kind = !writesOut(parameters) && MERGED.includes(ownKind) ? "any" : ownKind;
  const { tensors, settings, fleeting } = kind === "any"
    ? anyArguments(own, right)
    : epilogueArguments(own);
  const variant = {
    parameters,
    layout: gemm.layout,
    width: gemmWidth(parameters, gemm.layout, values),
    epilogue: kind,
    half: isMixed(backend),
  };
  const program = {
    key: gemmKey(variant),
    code: () => (parameters.operands === "subgroup" ? subgroups : "") + gemmCode(variant),
  };
  dispatch(
    backend,
    program,
    [target, left, right, ...tensors],
    [...GEMM_SETTINGS.map((name) => values[name]), ...settings],
    grid(backend, tilesOf(parameters, rows, columns), slices * gemm.batch),
    fleeting,
  );
  if (!sliced) return;
  sumSlices(backend, target, result, columns, epilogue);
  backend.disposeData(target.dataId);
}

function tilesOf({ threads, block }: GemmParameters, rows: number, columns: number): number {
  return Math.ceil(rows / (threads[0] * block[0])) * Math.ceil(columns / (threads[1] * block[1]));
}

function grid(backend: GpuBackend, tiles: number, products: number): [number, number, number] {
  const y = Math.ceil(tiles / backend.device.limits.maxComputeWorkgroupsPerDimension);
  return [Math.ceil(tiles / y), y, products];
}

/** Cuts the inner dimension in about as many slices as are wanted: whole segments where there are enough of them. */
function sliceInner(
  { settings: { segments, inner } }: Gemm,
  wanted: number,
): Pick<GemmSettings, "slices" | "innerSlices" | "sliceSegments" | "sliceInner"> {
  const most = Math.min(wanted, Math.floor(segments * inner / LEAST_SLICE));
  if (most <= 1) return { slices: 1, innerSlices: 1, sliceSegments: segments, sliceInner: inner };
  const sliceSegments = Math.ceil(segments / Math.min(most, segments));
  const segmentSlices = Math.ceil(segments / sliceSegments);
  // In fours, so that what lies together four by four is not cut.
  const sliceInner = Math.ceil(inner / Math.max(1, Math.floor(most / segmentSlices)) / 4) * 4;
  const innerSlices = Math.ceil(inner / sliceInner);
  return { slices: segmentSlices * innerSlices, innerSlices, sliceSegments, sliceInner };
}
