// Shared by the tests of WebGPU programs: the same is computed by them, again, and by tfjs's plain JavaScript backend.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import type { Tensor } from "@rill/rill/models";
import type { GpuBackend } from "../../models/kernels/webgpu/device/_gpu_backend.ts";
import { fits, type GemmParameters } from "../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import { onCpu } from "./_cpu_backend.ts";
import { assertClose, numbers } from "./_helpers.ts";
import { type Lack, withFastCompiler, withSubgroups } from "./_webgpu.ts";

/** Gets tfjs's WebGPU backend, as the programs see it. */
export const gpuBackend = () => tf.backend() as unknown as GpuBackend;

/** Draws a tensor of numbers from -1 to 1. */
export const random = (shape: readonly number[], seed: number) =>
  tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [...shape], "float32");

/** Converts a tensor of tfjs's to ours. */
export const opaque = (tensor: tf.Tensor) => tensor as unknown as Tensor;

/** Converts a tensor of ours to tfjs's. */
export const transparent = (tensor: Tensor) => tensor as unknown as tf.Tensor;

/** Copies tensors out of the backend and releases them. */
export async function takeAll(tensors: tf.Tensor[]): Promise<Float32Array[]> {
  const data = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
  for (const tensor of tensors) tensor.dispose();
  return data;
}

const expectations = new Map<string, Promise<Float32Array[]>>();

/**
 * Computes the same here, twice, and in plain loops: what isn't finite has to be the same, the rest close. The loops run once
 * for all calls of the same name.
 */
export async function comparePrograms(
  fn: () => Record<string, tf.Tensor>,
  { tolerance = 1e-5, name }: { readonly tolerance?: number; readonly name?: string } = {},
): Promise<void> {
  const before = tf.memory().numTensors;
  const both = [tf.tidy(fn), tf.tidy(fn)] as const;
  const [actual, again] = await Promise.all([
    takeAll(Object.values(both[0])),
    takeAll(Object.values(both[1])),
  ]);
  assertEquals(tf.memory().numTensors, before);
  const plain = (name === undefined ? undefined : expectations.get(name)) ??
    onCpu(() => takeAll(Object.values(tf.tidy(fn))));
  if (name !== undefined) expectations.set(name, plain);
  const expected = await plain;
  for (const [i, what] of Object.keys(both[0]!).entries()) {
    const finite = (data: Float32Array) => data.map((x) => Number.isFinite(x) ? x : 0);
    const others = (data: Float32Array) =>
      [...data.entries()].filter(([, x]) => !Number.isFinite(x));
    assertEquals(others(actual![i]!), others(expected[i]!), what);
    assertClose(finite(actual![i]!), finite(expected[i]!), tolerance, what);
    assertEquals(again![i], actual![i], `${what}, computed again`);
  }
}

/** For tests of products that are computed by a set of parameters. */
export const withRoomFor = (set: GemmParameters): Lack => (adapter) => {
  const { operands, threads: [down, across] } = set;
  const lack = operands === "subgroup" ? withSubgroups(adapter) : undefined;
  if (lack !== undefined) return lack;
  // A GPU's sets: many threads that share memory, each with much to do.
  if (operands === "shared" && down * across >= 64) return withFastCompiler(adapter);
  const limit = (name: string) => adapter.device.limits[name] ?? 0;
  const limits = {
    maxComputeInvocationsPerWorkgroup: limit("maxComputeInvocationsPerWorkgroup"),
    maxComputeWorkgroupSizeX: limit("maxComputeWorkgroupSizeX"),
    maxComputeWorkgroupSizeY: limit("maxComputeWorkgroupSizeY"),
    maxComputeWorkgroupStorageSize: limit("maxComputeWorkgroupStorageSize"),
  };
  const room = { limits, subgroups: adapter.subgroups };
  return fits(set, room) ? undefined : "the WebGPU adapter has no room for it";
};
