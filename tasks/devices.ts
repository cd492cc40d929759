import { runTask } from "./_cli/run_task.ts";
import { toggle } from "./_cli/flags.ts";
import { formatDevice } from "./_devices/format_device.ts";
import { formatInstallHelp, hasVulkanDriver } from "./_devices/install_help.ts";
import { findDevice } from "../models/mod.ts";

await runTask({
  name: "devices",
  about:
    "Prints the WebGPU adapter that was found, with its limits and features, and which backend auto would take.",
  flags: { json: toggle({ help: "Print one JSON object" }) },
}, async ({ json }) => {
  const device = await findDevice();
  const auto = device && !device.software ? "webgpu" : "wasm";
  if (json) return console.log(JSON.stringify({ auto, device: device ?? null }));
  const help = formatInstallHelp(device, {
    linux: Deno.build.os === "linux",
    vulkanDriver: await hasVulkanDriver(),
  });
  console.log(formatDevice(device, help));
});
