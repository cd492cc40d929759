import type { Device } from "../../models/mod.ts";
import { table } from "../_text/table.ts";

/** Formats what is known of an adapter, and the backend that `auto` takes because of it. */
export function formatDevice(device: Device | undefined, help: readonly string[]): string {
  if (!device) {
    return ["webgpu: no adapter", ...help, "auto: wasm, as no WebGPU adapter was found"].join("\n");
  }
  const { description, vendor, architecture, software, opengl, limits, features } = device;
  const reason = software
    ? "wasm, as the adapter is software (--backend webgpu takes it by name)"
    : "webgpu, as the adapter is hardware";
  return [
    `webgpu: ${description}${software ? " (software)" : ""}`,
    `vendor: ${vendor || "unknown"}${architecture && `, ${architecture}`}`,
    ...opengl ? ["api: OpenGL, which takes minutes to compile the programs for GPUs"] : [],
    ...help,
    `auto: ${reason}`,
    "",
    ...table([
      ["limit", "value"],
      ...Object.entries(limits).sort().map(([name, value]) => [name, value]),
    ]),
    "",
    "features:",
    ...features.map((feature) => `  ${feature}`),
  ].join("\n");
}
