import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { BackendError, openBackend } from "@rill/rill/models";
import { useOwnDevice } from "../consumer/runtimes/own_device.ts";
import { predict } from "../consumer/runtimes/predict.ts";
import { assertClose, withBackend } from "./_helpers.ts";
import { webgpuTest } from "./_webgpu.ts";

async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  return await adapter.requestDevice();
}

webgpuTest("a device of one's own is computed on and left as it was", async () => {
  const { logits, again, description, reason, heard, checked, copied, later, lost } =
    await useOwnDevice();
  const expected = await withBackend("wasm", predict);
  assertClose(logits, expected, 1e-5);
  assertEquals(again, logits);
  assertMatch(description, /^WebGPU on /);
  assertEquals(reason, "a device was given");
  assertEquals(heard.length, 1);
  assertMatch(checked, /^BackendError: Cannot go on as WebGPU refused an operation: /);
  assertEquals({ copied, later, lost }, { copied: [1, 2, 3, 4], later: 1, lost: false });
});

webgpuTest("a device of one's own has the features and limits that it has", async () => {
  const device = await openDevice();
  const error = await assertRejects(
    () => openBackend("webgpu", { device, precision: "mixed" }),
    BackendError,
  );
  assertMatch(error.message, /^Cannot use precision "mixed" as .* lacks shader-f16$/);
  assertEquals(error.code, "precision-unsupported");
  device.destroy();
});

webgpuTest("the loss of a device of one's own is the backend's error", async () => {
  const device = await openDevice();
  const backend = await openBackend("webgpu", { device });
  device.destroy();
  await device.lost;
  const error = assertThrows(() => backend.check(), BackendError);
  assertEquals(error.code, "device-lost");
  await backend.close();
});

webgpuTest("a device of one's own that is lost already is refused", async () => {
  const device = await openDevice();
  device.destroy();
  await device.lost;
  const error = await assertRejects(() => openBackend("webgpu", { device }), BackendError);
  assertEquals(error.code, "device-lost");
  await withBackend("wasm", () => {});
});

Deno.test("what is no device is refused", async () => {
  for (
    const device of [{}, { features: new Set(), limits: {}, queue: {}, lost: Promise.resolve() }]
  ) {
    const open = () => openBackend("webgpu", { device: device as unknown as GPUDevice });
    await assertRejects(
      open,
      TypeError,
      "Cannot open the WebGPU backend as its device is no GPUDevice",
    );
  }
  await withBackend("wasm", () => {});
});
