import type { Device } from "../../models/mod.ts";

/** The command that brings Mesa's Vulkan drivers to Debian and Ubuntu, the software one among them. */
export const INSTALL_MESA = "sudo apt-get install -y mesa-vulkan-drivers";

/** The folders in which Vulkan's loader looks for drivers. */
const DRIVER_FOLDERS = [
  "/usr/share/vulkan/icd.d",
  "/etc/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
];

/** Tells whether a Vulkan driver is installed, on Linux. */
export async function hasVulkanDriver(): Promise<boolean> {
  for (const folder of DRIVER_FOLDERS) {
    try {
      for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".json")) return true;
    } catch {
      // Missing or unreadable: it holds no driver for us.
    }
  }
  return false;
}

/** Says what to install where WebGPU lacks an adapter, or has one through OpenGL only. */
export function formatInstallHelp(
  device: Device | undefined,
  { linux, vulkanDriver }: { readonly linux: boolean; readonly vulkanDriver: boolean },
): string[] {
  if (device && !device.opengl || !linux) return [];
  const found = vulkanDriver ? "no Vulkan driver that works" : "no Vulkan driver";
  return [
    `Linux has ${found} here. For a GPU install its maker's driver; for software Vulkan, on Debian or Ubuntu:`,
    `  ${INSTALL_MESA}`,
  ];
}
