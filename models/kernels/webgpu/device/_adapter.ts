import type { Device } from "../../../backend/device.ts";

/** What of WebGPU is used here; it is a web standard, so Deno, browsers and others have it alike. */
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

/** A device with what Rill itself calls on it. */
export interface AdapterDevice extends EventTarget {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  destroy(): void;
}

const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|software|basic render/i;

/** Asks for the fastest adapter. */
export async function requestAdapter(): Promise<
  { readonly adapter: Adapter; readonly device: Device } | undefined
> {
  const gpu = (globalThis.navigator as unknown as {
    gpu?: { requestAdapter(options: object): Promise<Adapter | null> };
  })?.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return undefined;
  const { info } = adapter;
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    if (typeof adapter.limits[name] === "number") limits[name] = adapter.limits[name];
  }
  return {
    adapter,
    device: {
      description: info.description || info.device || "unnamed adapter",
      vendor: info.vendor,
      architecture: info.architecture,
      software: info.isFallbackAdapter === true || SOFTWARE.test(info.description),
      limits,
      features: [...adapter.features].sort(),
    },
  };
}
