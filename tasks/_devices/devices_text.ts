import type { Device } from "../../models/mod.ts";
import { formatTable } from "../_text/format.ts";

/** The one command that brings Mesa's drivers, the software one among them. */
export const INSTALL_MESA = "sudo apt-get install -y mesa-vulkan-drivers";

/** What was found, and what follows from it. */
export function devicesText(
  device: Device | undefined,
  { linux, vulkanDriver }: { readonly linux: boolean; readonly vulkanDriver: boolean },
): string {
  if (!device) {
    const help = linux && !vulkanDriver
      ? [
        "Linux has no Vulkan driver here. For a GPU install its maker's; Mesa's bring a software adapter too:",
        `  ${INSTALL_MESA}`,
      ]
      : [];
    return ["webgpu: no adapter", ...help, "auto: wasm, as no WebGPU adapter was found"].join("\n");
  }
  const { description, vendor, architecture, software, limits, features } = device;
  const reason = software
    ? "wasm, as the adapter is software (--backend webgpu takes it by name)"
    : "webgpu, as the adapter is hardware";
  return [
    `webgpu: ${description}${software ? " (software)" : ""}`,
    `vendor: ${vendor || "unknown"}${architecture && `, ${architecture}`}`,
    `auto: ${reason}`,
    "",
    ...formatTable([
      ["limit", "value"],
      ...Object.entries(limits).sort().map(([name, value]) => [name, value]),
    ]),
    "",
    "features:",
    ...features.map((feature) => `  ${feature}`),
  ].join("\n");
}
