// A program with a WebGPU device of its own, on which Rill computes too.
import { openBackend } from "@rill/rill/models";
import { predict } from "./predict.ts";

/** What was found. */
export interface OwnDevice {
  readonly description: string;
  readonly reason: string;
  readonly logits: readonly number[];
  /** The logits on the same device after the backend was closed and opened again. */
  readonly again: readonly number[];
  /** What the device's own listener heard of an error, and what the backend said of it. */
  readonly heard: readonly string[];
  readonly checked: string;
  /** What a copy of 1, 2, 3, 4 on the device gave at last. */
  readonly copied: readonly number[];
  /** The errors that the listener heard after the backend was closed, and whether the device was lost. */
  readonly later: number;
  readonly lost: boolean;
}

/** Opens a device, computes on it by Rill and without, and makes errors on it. */
export async function useOwnDevice(): Promise<OwnDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  // With WebGPU's least limits and without features.
  const device = await adapter!.requestDevice();
  const heard: string[] = [];
  // Not every engine's types know this handler.
  Object.assign(device, {
    onuncapturederror(event: Event & { readonly error: { readonly message: string } }) {
      event.preventDefault();
      heard.push(event.error.message);
    },
  });
  let lost = false;
  device.lost.then(() => lost = true);
  const settle = async () => {
    await device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const fail = async () => {
    device.createShaderModule({ code: "this is not WGSL" });
    await settle();
  };

  const first = await openBackend("webgpu", { device });
  const { description, reason } = first;
  const logits = await predict();
  await first.sync();
  await first.close();

  const second = await openBackend("auto", { device });
  const again = await predict();
  const before = heard.length;
  await fail();
  let checked = "nothing";
  try {
    second.check();
  } catch (error) {
    checked = String(error);
  }
  await second.close();
  const during = heard.splice(0).slice(before);
  await fail();
  const later = heard.length;

  // The device does what it did before.
  const from = device.createBuffer({
    size: 4,
    usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const to = device.createBuffer({
    size: 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(from, 0, Uint8Array.of(1, 2, 3, 4));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, to, 0, 4);
  device.queue.submit([encoder.finish()]);
  await to.mapAsync(GPUMapMode.READ);
  const copied = [...new Uint8Array(to.getMappedRange().slice(0))];
  to.unmap();
  await settle();
  return { description, reason, logits, again, heard: during, checked, copied, later, lost };
}
