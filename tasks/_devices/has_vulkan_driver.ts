/** Where Vulkan's loader looks for drivers. */
const PLACES = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/** Whether a Vulkan driver is installed, on Linux. */
export async function hasVulkanDriver(): Promise<boolean> {
  for (const place of PLACES) {
    try {
      for await (const { name } of Deno.readDir(place)) if (name.endsWith(".json")) return true;
    } catch {
      // Not there, or not for us to read: no driver that we could use.
    }
  }
  return false;
}
