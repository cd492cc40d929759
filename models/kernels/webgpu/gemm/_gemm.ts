import * as tf from "@tensorflow/tfjs-core";
import { dispatch, makeOutput } from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import { isMixed } from "../device/_gpu_backend.ts";
import {
  type Epilogue,
  type EpilogueKind,
  getEpilogueKind,
  listEpilogueArguments,
  listMergedArguments,
} from "./_epilogue.ts";
import { nameGemm, writeGemm } from "./_gemm_code.ts";
import { chooseParameters, type GemmParameters } from "./_gemm_parameters.ts";
import {
  findGemmWidth,
  GEMM_SETTINGS,
  type GemmLayout,
  type GemmSettings,
} from "./_gemm_settings.ts";
import { isWrittenOut } from "./_gemm_stores.ts";
import { sumSlices } from "./_sum_slices.ts";
import { classifyGemm, getTuning } from "./_tuning.ts";

/** A product, or a batch of them, before its inner dimension is split. */
export interface Gemm {
  readonly layout: GemmLayout;
  readonly batch: number;
  readonly settings: Omit<
    GemmSettings,
    "onesRow" | "slices" | "innerSlices" | "sliceSegments" | "sliceInner" | "resultSlice"
  >;
}

/** The steps of the inner dimension that a slice has at least: fewer are not worth a second pass. */
const LEAST_SLICE = 256;

/** The epilogues that a program of the kind `"any"` has. */
const MERGED: readonly EpilogueKind[] = ["none", "activate", "mask", "scale"];

/**
 * The iterations of the loops that a slice should take at most; none takes twice as many. lavapipe ends a thread's loops
 * after 65,535 iterations in all, without an error: the rest of the sum would be missing.
 */
const MOST_ITERATIONS = 32_000;

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
  const { sets, groups: usual, subgroups = "", tuned } = getTuning(backend);
  const { columns, segments, inner } = gemm.settings;
  const size = { rows: gemm.settings.rows, columns, inner: segments * inner };
  const chosen = chooseParameters(
    sets,
    size.rows,
    columns,
    size.inner,
    (set) => liesInFours(set, gemm),
  );
  const { parameters, groups } = tuned?.get(classifyGemm(gemm.layout, size), chosen) ?? {
    parameters: chosen,
    groups: usual,
  };
  // The row of ones is the first of a thread's block: only there the code looks for it.
  const { block: [blockRows] } = parameters;
  const onesRow = Math.ceil(gemm.settings.rows / blockRows) * blockRows;
  const ones = epilogue?.kind === "ones";
  const rows = ones ? onesRow + 1 : gemm.settings.rows;
  const tiles = countTiles(parameters, rows, columns);
  const wanted = Math.max(groups / (tiles * gemm.batch), segments * (inner + 1) / MOST_ITERATIONS);
  const split = splitInner(gemm, whole ? Math.ceil(wanted) : 1);
  const { slices } = split;
  const sliced = slices > 1;
  const sliceSize = tf.util.sizeFromShape(result.shape) + (ones ? columns : 0);
  const target = sliced ? makeOutput(backend, [slices, sliceSize]) : result;
  const values: GemmSettings = { ...gemm.settings, ...split, resultSlice: sliceSize, onesRow };
  // Where there are slices, the epilogue comes after their sum.
  const own = sliced ? undefined : epilogue;
  const ownKind = sliced && ones ? "ones-slices" : getEpilogueKind(own);
  const width = findGemmWidth(parameters, gemm.layout, values);
  // What has an epilogue, or is a slice of which the next begins anywhere, is stored one by one.
  const stores = width.result && ownKind === "none" && !sliced;
  // Programs with large blocks take long to compile: one of them does for several epilogues.
  const merges = !stores && !isWrittenOut(parameters) && MERGED.includes(ownKind);
  const kind = merges ? "any" : ownKind;
  const { tensors, settings, stepSettings } = kind === "any"
    ? listMergedArguments(own, right)
    : listEpilogueArguments(own);
  const variant = {
    parameters,
    layout: gemm.layout,
    width: { ...width, result: stores },
    epilogue: kind,
    half: isMixed(backend),
  };
  const program = {
    key: nameGemm(variant),
    code: () => (parameters.operands === "subgroup" ? subgroups : "") + writeGemm(variant),
  };
  dispatch(
    backend,
    program,
    [target, left, right, ...tensors],
    [...GEMM_SETTINGS.map((name) => values[name]), ...settings],
    layOutGroups(backend, tiles, slices * gemm.batch),
    stepSettings,
  );
  if (!sliced) return;
  sumSlices(backend, target, [slices, sliceSize], result, columns, epilogue);
  backend.disposeData(target.dataId);
}

/** Tells whether a product's operands are loaded by a set in fours. */
const liesInFours = (set: GemmParameters, { layout, settings }: Gemm): boolean =>
  findGemmWidth(set, layout, { ...settings, sliceInner: settings.inner }).left;

function countTiles({ threads, block }: GemmParameters, rows: number, columns: number): number {
  return Math.ceil(rows / (threads[0] * block[0])) * Math.ceil(columns / (threads[1] * block[1]));
}

/** Lays out the workgroups of some products: those of the tiles may need two dimensions. */
function layOutGroups(
  backend: GpuBackend,
  tiles: number,
  products: number,
): [number, number, number] {
  const y = Math.ceil(tiles / backend.device.limits.maxComputeWorkgroupsPerDimension);
  return [Math.ceil(tiles / y), y, products];
}

/** Cuts the inner dimension into about as many slices as are wanted: whole segments where there are enough of them. */
function splitInner(
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
