import * as tf from "@tensorflow/tfjs-core";
import { dispatch, output } from "./_dispatch.ts";
import { gemmClass } from "./_gemm_class.ts";
import {
  GEMM_SETTINGS,
  gemmCode,
  gemmKey,
  type GemmLayout,
  type GemmSettings,
  gemmWidth,
} from "./_gemm_code.ts";
import { chooseParameters, type GemmParameters } from "./_gemm_parameters.ts";
import type { GpuBackend } from "./_gpu_backend.ts";
import { sumRows } from "./_sum_rows.ts";
import { tuning } from "./_tuning.ts";

/** A product, or a batch of them, without how its inner dimension is split. */
export interface Gemm {
  readonly layout: GemmLayout;
  readonly batch: number;
  readonly settings: Omit<
    GemmSettings,
    "slices" | "innerSlices" | "sliceSegments" | "sliceInner" | "resultSlice"
  >;
}

/** Steps of the inner dimension that a slice has at least: less is not worth a second pass. */
const LEAST_SLICE = 256;

/** Computes a product into elements of a tensor. The elements have to be all of it where the product is split. */
export function multiplyInto(
  backend: GpuBackend,
  gemm: Gemm,
  left: tf.TensorInfo,
  right: tf.TensorInfo,
  result: tf.TensorInfo,
  /** Whether the result is this product alone, so that it may be computed in slices. */
  whole: boolean,
): void {
  const { sets, groups: usual, subgroups = "", tuned } = tuning(backend);
  const { rows, columns, segments, inner } = gemm.settings;
  const { parameters, groups } = tuned?.get(gemmClass(gemm.layout, gemm.settings)) ??
    { parameters: chooseParameters(sets, rows, columns, segments * inner), groups: usual };
  const tiles = tilesOf(parameters, rows, columns) * gemm.batch;
  const split = whole ? sliceInner(gemm, Math.ceil(groups / tiles)) : sliceInner(gemm, 1);
  const { slices } = split;
  const size = tf.util.sizeFromShape(result.shape);
  const target = slices === 1 ? result : output(backend, [slices, size]);
  const settings: GemmSettings = { ...gemm.settings, ...split, resultSlice: size };
  const width = gemmWidth(parameters, gemm.layout, settings);
  const program = {
    key: gemmKey(parameters, gemm.layout, width),
    code: () =>
      (parameters.operands === "subgroup" ? subgroups : "") +
      gemmCode(parameters, gemm.layout, width),
  };
  dispatch(
    backend,
    program,
    [target, left, right],
    GEMM_SETTINGS.map((name) => settings[name]),
    grid(backend, tilesOf(parameters, rows, columns), slices * gemm.batch),
  );
  if (target === result) return;
  sumRows(backend, target, result, slices, size);
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
