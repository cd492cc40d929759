import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import {
  type Backend,
  BackendError,
  DeviceMemoryError,
  findDevice,
  openBackend,
  toTensor,
} from "@rill/rill/models";
import * as ops from "../../models/ops/_ops.ts";
import { backendTest, take, withBackend } from "./_helpers.ts";
import { isOpengl } from "../../models/kernels/webgpu/device/_adapter.ts";
import { adapterTest, webgpuTest } from "./_webgpu.ts";

const OUT_OF_MEMORY = (backend: string) => `Cannot go on as the ${backend} device is out of memory`;

const OPENGL_NOTE = " (through OpenGL: with a Vulkan driver large programs compile faster)";

/** What the reason for taking WebGPU ends with on this machine. */
const openglNote = async () => (await findDevice())?.opengl ? OPENGL_NOTE : "";

for (const name of ["wasm", "webgpu"] as const) {
  const register = name === "wasm" ? Deno.test : webgpuTest;
  register(`${name} can be opened again after it was closed`, async () => {
    for (let round = 0; round < 2; round++) {
      const backend = await openBackend(name);
      const tensor = toTensor(Float32Array.of(1, 2), [2]);
      assertEquals(await take(tensor), [1, 2]);
      const reason = `asked for by name${name === "webgpu" ? await openglNote() : ""}`;
      assertEquals([backend.name, backend.reason], [name, reason]);
      await backend.close();
      // A second call does nothing.
      await backend.close();
    }
  });

  register(`a second backend is refused while ${name} is open, which goes on`, async () => {
    const refuse = async (open: Backend) => {
      for (const second of ["wasm", "webgpu", "auto"] as const) {
        const error = await assertRejects(() => openBackend(second), BackendError);
        assertEquals(
          error.message,
          `Cannot open a second backend while ${open.description} is open: close it first`,
        );
        assertEquals(
          [error.code, error.backend],
          ["already-open", second === "auto" ? "none" : second],
        );
      }
    };
    const backend = await openBackend(name);
    const tensor = toTensor(Float32Array.of(1, 2), [2]);
    await refuse(backend);
    assertEquals(await take(tensor), [1, 2]);
    // As the end of a scope with `await using` does.
    await backend[Symbol.asyncDispose]();
    // Closing one twice leaves the next alone.
    const first = await openBackend(name);
    await first.close();
    const second = await openBackend(name);
    await first.close();
    await refuse(second);
    await second.close();
  });

  register(`one of two that open ${name} at once gets it`, async () => {
    const opened = await Promise.allSettled([openBackend(name), openBackend(name)]);
    assertEquals(opened.map(({ status }) => status), ["fulfilled", "rejected"]);
    for (const one of opened) if (one.status === "fulfilled") await one.value.close();
  });

  register(
    `closing ${name} leaves no tensor behind, and those of before can be released`,
    async () => {
      const left = await withBackend(name, async () => {
        const left = [1, 2, 3].map((x) => toTensor(Float32Array.of(x), [1]));
        assertEquals(await left[0]!.data(), Float32Array.of(1));
        return left;
      });
      assertEquals([ops.countTensors(), tf.engine().state.numBytes], [0, 0]);
      await withBackend(name, async () => {
        const tensor = toTensor(Float32Array.of(7), [1]);
        for (const one of left) one.dispose();
        assertEquals(ops.countTensors(), 1);
        assertEquals(await take(tensor), [7]);
      });
      assertEquals(ops.countTensors(), 0);
    },
  );
}

Deno.test("a backend can be opened after one that couldn't be", async () => {
  await assertRejects(() => openBackend("wasm", { precision: "mixed" }), BackendError);
  await withBackend("wasm", () => {});
});

webgpuTest("backends can be opened by turns", async () => {
  for (const name of ["webgpu", "wasm", "webgpu"] as const) {
    await withBackend(name, async () => {
      assertEquals(tf.getBackend(), name);
      assertEquals(await take(toTensor(Float32Array.of(3), [1])), [3]);
    });
  }
});

Deno.test("a tensor can't be made when no backend is open", async () => {
  await withBackend("wasm", () => {});
  const error = assertThrows(() => toTensor(Float32Array.of(1), [1]), BackendError);
  assertEquals(error.message, "Cannot make a tensor as no backend is open: see openBackend");
  assertEquals([error.code, error.option], ["not-open", undefined]);
});

adapterTest("auto takes WebGPU on hardware, and otherwise WASM, and says why", async () => {
  const device = await findDevice();
  const backend = await openBackend();
  try {
    if (device && !device.software) {
      assertEquals(backend.name, "webgpu");
      assertEquals(backend.reason, `a hardware adapter was found${await openglNote()}`);
      assert(backend.hardware);
    } else {
      assertEquals(backend.name, "wasm");
      assertEquals(
        backend.reason,
        device
          ? `the only WebGPU adapter, ${device.description}, is software`
          : "no WebGPU adapter was found",
      );
      assert(!backend.hardware);
    }
  } finally {
    await backend.close();
  }
});

Deno.test("isOpengl() takes only wgpu's OpenGL for it", () => {
  const cases = [
    ["wgpu through OpenGL", 2 ** 32 - 1, ["timestamp-query"], true],
    ["wgpu through Metal or Direct3D 12", 2 ** 32 - 1, ["bgra8unorm-storage"], false],
    ["wgpu through Vulkan", 1024, ["bgra8unorm-storage"], false],
    ["wgpu through Vulkan, without the feature", 1024, [], false],
    ["a browser", 1000, [], false],
  ] as const;
  for (const [name, maxBindingsPerBindGroup, features, expected] of cases) {
    const adapter = { limits: { maxBindingsPerBindGroup }, features: new Set<string>(features) };
    assertEquals(isOpengl(adapter), expected, name);
  }
});

Deno.test("webgpu is refused by name where there is no adapter", async () => {
  const { navigator } = globalThis;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    assertEquals(await findDevice(), undefined);
    const error = await assertRejects(() => openBackend("webgpu"), BackendError);
    assertEquals(error.backend, "webgpu");
    assertEquals([error.code, error.option], ["no-adapter", "backend"]);
    assertEquals(
      error.message,
      'Cannot use backend "webgpu" as no WebGPU adapter was found',
    );
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  }
});

backendTest("errors that mean memory ran out become the backend's, others pass", (backend) => {
  for (const message of ["Array buffer allocation failed", "Out of memory", "not enough memory"]) {
    const found = backend.toBackendError(new RangeError(message));
    assertInstanceOf(found, DeviceMemoryError);
    assertInstanceOf(found, BackendError);
    assertEquals(found.message, OUT_OF_MEMORY(backend.name));
    assertEquals([found.backend, found.code], [backend.name, "out-of-memory"]);
  }
  const other = new TypeError("x is not a function");
  assert(backend.toBackendError(other) === other);
});

Deno.test("WASM's heap running out fails, and doesn't overwrite what is there", () =>
  withBackend("wasm", async (backend) => {
    const ones = toTensor(new Float32Array(1000).fill(1), [1000]);
    const wasm = tf.backend() as unknown as { makeOutput(shape: number[], dtype: string): void };
    const error = assertThrows(() => {
      // 1 GiB each: the heap ends at 4.
      for (let i = 0; i < 4; i++) wasm.makeOutput([2 ** 28], "float32");
    });
    const found = backend.toBackendError(error);
    assertInstanceOf(found, DeviceMemoryError);
    assert(found.cause === error);
    assertEquals(new Set(await take(ones)), new Set([1]));
  }));

webgpuTest(
  "sync has WebGPU do what was only recorded",
  () =>
    withBackend("webgpu", async (backend) => {
      const held = () => tf.memory() as unknown as { numBytesInGPU: number };
      const before = held().numBytesInGPU;
      tf.tidy(() => {
        tf.add(tf.ones([5000]), 1);
      });
      // Buffers are held until the commands that use them are submitted.
      assert(held().numBytesInGPU > before);
      await backend.sync();
      assertEquals(held().numBytesInGPU, before);
    }),
);

webgpuTest("a buffer beyond WebGPU's limits fails, and doesn't give zeros", async () => {
  const backend = await openBackend("webgpu");
  try {
    const { maxBufferSize } = (await findDevice())?.limits ?? {};
    assert(maxBufferSize !== undefined);
    tf.fill([Math.ceil(maxBufferSize / 4) + 1024], 1);
    const error = await assertRejects(() => backend.sync(), DeviceMemoryError);
    assertEquals(error.message, OUT_OF_MEMORY("webgpu"));
    assertThrows(() => backend.check(), DeviceMemoryError);
    assert(backend.toBackendError(new TypeError("anything")) === error);
  } finally {
    await backend.close();
  }
});

webgpuTest("an invalid program fails, and doesn't give zeros", async () => {
  const backend = await openBackend("webgpu");
  try {
    const { device } = tf.backend() as unknown as {
      device: { createShaderModule(descriptor: { code: string }): void };
    };
    device.createShaderModule({ code: "this is not WGSL" });
    const error = await assertRejects(() => backend.sync(), BackendError);
    assert(error.message.startsWith("Cannot go on as WebGPU refused an operation: "));
    assertEquals(error.code, "operation-refused");
    assert(!(error instanceof DeviceMemoryError));
  } finally {
    await backend.close();
  }
});
