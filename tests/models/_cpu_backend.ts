import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "../../models/ops/_ops.ts";
import { registerCpuKernels } from "../../models/kernels/host/_register_cpu.ts";

// Nothing else needs them: no backend that can be opened computes in plain JavaScript.
registerCpuKernels();

/** Runs `fn` on tfjs's plain JavaScript backend, whose kernels are loops that can be checked by eye. */
export async function onCpu<T>(fn: () => Promise<T>): Promise<T> {
  const before = tf.getBackend();
  await tf.setBackend("cpu");
  // At its first use tfjs advises Node's native backend, except in its own tests.
  tf.env().set("IS_TEST", true);
  tf.scalar(0).dispose();
  tf.env().set("IS_TEST", false);
  try {
    return await fn();
  } finally {
    if (before && tf.findBackend(before)) await tf.setBackend(before);
  }
}
