import type { Device } from "../../../backend/device.ts";
import type { WebgpuDevice } from "../../../backend/open_backend_options.ts";

/** What is known of an adapter. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly device: string;
  readonly isFallbackAdapter?: boolean;
  readonly subgroupMinSize?: number;
}

/** What adapters and devices can do. */
interface Abilities {
  readonly limits: Readonly<Record<string, number>>;
  readonly features: Iterable<string> & { has(name: string): boolean };
}

/** The part of WebGPU's adapter that is used here; it is a web standard, so Deno, browsers and others have it alike. */
export interface Adapter extends Abilities {
  readonly info: AdapterInfo;
  requestDevice(descriptor: {
    requiredFeatures: string[];
    requiredLimits: Record<string, number>;
  }): Promise<AdapterDevice>;
}

/** The part of WebGPU's device that Rill itself calls. */
export interface AdapterDevice extends EventTarget, Abilities {
  /** What is known of its adapter, in engines that say it. */
  readonly adapterInfo?: AdapterInfo;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  destroy(): void;
}

/** An adapter or an open device, and what is known of it. */
export interface FoundAdapter {
  readonly adapter: Adapter | undefined;
  /** The device that is open already. */
  readonly opened?: AdapterDevice;
  readonly info: AdapterInfo;
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
  return { adapter, info, device: describeAdapter(info, adapter) };
}

/**
 * Describes a device that somebody else has opened.
 *
 * @throws {TypeError} If it is none.
 */
export function describeOwnDevice(device: WebgpuDevice): FoundAdapter {
  const opened = device as unknown as AdapterDevice;
  if (
    typeof opened?.addEventListener !== "function" || typeof opened.queue !== "object" ||
    typeof opened.limits !== "object" || typeof opened.features?.has !== "function"
  ) {
    throw new TypeError("Cannot open the WebGPU backend as its device is no GPUDevice");
  }
  const info = opened.adapterInfo ?? UNKNOWN;
  return { adapter: undefined, opened, info, device: describeAdapter(info, opened) };
}

const UNKNOWN: AdapterInfo = {
  vendor: "",
  architecture: "",
  description: "",
  device: "",
};

function describeAdapter(info: AdapterInfo, abilities: Abilities): Device {
  const limits: Record<string, number> = {};
  // Limits are getters of the prototype, beside other things.
  for (const name in abilities.limits) {
    const limit = abilities.limits[name];
    if (typeof limit === "number") limits[name] = limit;
  }
  // Browsers give no more than the maker and the family of chips.
  const chip = [info.vendor, info.architecture].filter(Boolean).join(" ");
  return {
    description: info.description || info.device || chip || "unnamed adapter",
    vendor: info.vendor,
    architecture: info.architecture,
    software: info.isFallbackAdapter === true || SOFTWARE.test(`${info.description} ${chip}`),
    opengl: isOpengl(abilities),
    limits,
    features: [...abilities.features].sort(),
  };
}
