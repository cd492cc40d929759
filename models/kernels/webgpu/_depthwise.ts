// Depthwise convolutions and their gradients, of any strides, dilation and padding.
import * as tf from "@tensorflow/tfjs-core";
import { sumMatrices } from "./sums/_channel_sums.ts";
import { dispatch, makeOutput, type Program, spreadGroups } from "./device/_dispatch.ts";
import {
  BLOCK,
  getBlock,
  getFilterGradient,
  getForward,
  getInputGradient,
  getWindowsGradient,
  type Width,
} from "./_depthwise_code.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

type Info = tf.backend_util.Conv2DInfo;

/** The weights of a filter at most that are written out one by one. */
const MOST_WRITTEN = 25;

function runProgram(
  backend: GpuBackend,
  program: Program,
  tensors: readonly [result: tf.TensorInfo, ...sources: tf.TensorInfo[]],
  info: Info,
  { size, sliceRows = 0 }: { readonly size?: number; readonly sliceRows?: number } = {},
): void {
  const width = chooseWidth(info);
  const threads = (size ?? tf.util.sizeFromShape(tensors[0].shape)) / width;
  dispatch(backend, program, tensors, [
    threads,
    info.inHeight,
    info.inWidth,
    info.inChannels / width,
    info.outHeight,
    info.outWidth,
    info.outChannels / width,
    info.outChannels / info.inChannels,
    info.filterHeight * info.filterWidth,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
    info.batchSize * info.outHeight,
    sliceRows,
  ], spreadGroups(backend, Math.ceil(threads / 64)));
}

const chooseWidth = ({ inChannels, outChannels }: Info): Width =>
  inChannels === outChannels && inChannels % 4 === 0 ? 4 : 1;

/** Tells whether a filter is small enough for its taps to be written out. */
const isWritten = ({ filterHeight, filterWidth }: Info): boolean =>
  filterHeight * filterWidth <= MOST_WRITTEN;

function convolveInBlocks(
  backend: GpuBackend,
  tensors: readonly [y: tf.TensorInfo, x: tf.TensorInfo, filter: tf.TensorInfo],
  info: Info,
  turned: boolean,
): void {
  const taps = {
    down: info.filterHeight,
    across: info.filterWidth,
    strideAcross: info.strideWidth,
    dilationAcross: info.dilationWidth,
    turned,
  };
  const blocks = Math.ceil(info.outWidth / BLOCK);
  const size = info.batchSize * info.outHeight * blocks * info.outChannels;
  runProgram(backend, getBlock(taps, chooseWidth(info)), tensors, info, { size });
}

/** Convolves each channel with filters of its own. */
export function convolveDepthwise(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const y = makeOutput(backend, [info.batchSize, info.outHeight, info.outWidth, info.outChannels]);
  if (isWritten(info)) convolveInBlocks(backend, [y, x, filter], info, false);
  else runProgram(backend, getForward(chooseWidth(info)), [y, x, filter], info);
  return y;
}

/** Computes the input's gradient. */
export function computeDepthwiseInputGradient(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const dx = makeOutput(backend, [info.batchSize, info.inHeight, info.inWidth, info.inChannels]);
  const isOneToOne = info.outChannels === info.inChannels && info.strideHeight === 1 &&
    info.strideWidth === 1;
  if (isOneToOne && isWritten(info)) {
    // A convolution of the result's gradient with the turned filter.
    const [down, across] = [
      (info.filterHeight - 1) * info.dilationHeight,
      (info.filterWidth - 1) * info.dilationWidth,
    ];
    convolveInBlocks(backend, [dx, dy, filter], {
      ...info,
      inHeight: info.outHeight,
      inWidth: info.outWidth,
      outHeight: info.inHeight,
      outWidth: info.inWidth,
      padInfo: {
        ...info.padInfo,
        top: down - info.padInfo.top,
        left: across - info.padInfo.left,
      },
    }, true);
    return dx;
  }
  const isDense = info.dilationHeight === 1 && info.dilationWidth === 1;
  const getProgram = isDense ? getWindowsGradient : getInputGradient;
  runProgram(backend, getProgram(chooseWidth(info)), [dx, dy, filter], info);
  return dx;
}

/** The sums that keep a device busy. */
const ENOUGH_SUMS = 16384;
/** The pixels that one thread sums at least, where there are too few weights. */
const LEAST_PIXELS = 64;
/** And at most, about: lavapipe ends a thread's loops after 65,535 turns. */
const MOST_PIXELS = 16384;

/** Computes the filter's gradient, always in the same order. */
export function computeDepthwiseFilterGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const { outHeight, outWidth, outChannels, inChannels, filterHeight, filterWidth } = info;
  const shape = [filterHeight, filterWidth, inChannels, outChannels / inChannels];
  const weights = tf.util.sizeFromShape(shape);
  const rows = info.batchSize * outHeight;
  const pixels = rows * outWidth;
  const wanted = Math.max(
    Math.min(
      Math.ceil(ENOUGH_SUMS * chooseWidth(info) / weights),
      Math.ceil(pixels / LEAST_PIXELS),
    ),
    Math.ceil(pixels / MOST_PIXELS),
  );
  const sliceRows = Math.ceil(rows / wanted);
  const slices = Math.ceil(rows / sliceRows);
  const sums = makeOutput(backend, slices === 1 ? shape : [slices, weights]);
  runProgram(backend, getFilterGradient(chooseWidth(info)), [sums, x, dy], info, { sliceRows });
  if (slices === 1) return sums;
  const matrix = { batch: 1, rows: slices, columns: weights };
  const result = sumMatrices(backend, sums, shape, matrix);
  backend.disposeData(sums.dataId);
  return result;
}
