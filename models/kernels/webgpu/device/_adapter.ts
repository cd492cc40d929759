import type { Device } from "../../../backend/device.ts";

/** The part of WebGPU's adapter that is used here; it is a web standard, so Deno, browsers and others have it alike. */
export interface Adapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly device: string;
    readonly isFallbackAdapter?: boolean;
    readonly subgroupMinSize?: number;
  };
  readonly limits: Readonly<Record<string, number>>;
  readonly features: Iterable<string> & { has(name: string): boolean };
  requestDevice(descriptor: {
    requiredFeatures: string[];
    requiredLimits: Record<string, number>;
  }): Promise<AdapterDevice>;
}

/** The part of WebGPU's device that Rill itself calls. */
export interface AdapterDevice extends EventTarget {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  destroy(): void;
}

/** An adapter, and what is known of it. */
export interface FoundAdapter {
  readonly adapter: Adapter;
  readonly device: Device;
}

const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|software|basic render/i;

/**
 * Tells whether an adapter computes through OpenGL. WebGPU itself doesn't say. Deno's implementation, wgpu, can store to
 * BGRA textures through Vulkan, Metal and Direct3D 12, and cannot through OpenGL; and it sets no limit to the bindings of a
 * group there, which tells it from browsers that lack the feature.
 */
export function isOpengl({ limits, features }: Pick<Adapter, "limits" | "features">): boolean {
  return limits.maxBindingsPerBindGroup === 2 ** 32 - 1 && !features.has("bgra8unorm-storage");
}

/** Asks for the fastest adapter. */
export async function requestAdapter(): Promise<FoundAdapter | undefined> {
  const gpu = (globalThis.navigator as unknown as {
    gpu?: { requestAdapter(options: object): Promise<Adapter | null> };
  })?.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return undefined;
  const { info } = adapter;
  const limits: Record<string, number> = {};
  // Limits are getters of the prototype, beside other things.
  for (const name in adapter.limits) {
    const limit = adapter.limits[name];
    if (typeof limit === "number") limits[name] = limit;
  }
  return {
    adapter,
    device: {
      description: info.description || info.device || "unnamed adapter",
      vendor: info.vendor,
      architecture: info.architecture,
      software: info.isFallbackAdapter === true || SOFTWARE.test(info.description),
      opengl: isOpengl(adapter),
      limits,
      features: [...adapter.features].sort(),
    },
  };
}
