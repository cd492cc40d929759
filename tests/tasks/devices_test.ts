import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { formatDevice } from "../../tasks/_devices/format_device.ts";
import { formatInstallHelp, INSTALL_MESA } from "../../tasks/_devices/install_help.ts";
import { testUnless } from "../_test_unless.ts";
import { findAdapter } from "../models/_webgpu_process.ts";
import { runTask } from "./_task.ts";

const device = {
  description: "Fast GPU",
  vendor: "ACME",
  architecture: "",
  software: false,
  opengl: false,
  limits: { maxBufferSize: 1024 },
  features: ["shader-f16"],
};

Deno.test("formatDevice() says what auto takes", () => {
  const text = formatDevice(device, []);
  assertStringIncludes(text, "auto: webgpu, as the adapter is hardware");
  assertStringIncludes(text, "maxBufferSize  1,024");
  assert(!text.includes("OpenGL"));
  assertStringIncludes(formatDevice({ ...device, software: true }, []), "auto: wasm");
  assertEquals(
    formatDevice(undefined, ["help"]),
    "webgpu: no adapter\nhelp\nauto: wasm, as no WebGPU adapter was found",
  );
});

Deno.test("formatDevice() says that OpenGL is slow, and what would help", () => {
  const text = formatDevice({ ...device, opengl: true }, ["help"]);
  assertStringIncludes(
    text,
    "\napi: OpenGL, which takes minutes to compile the programs for GPUs\nhelp\nauto: webgpu",
  );
});

Deno.test("formatInstallHelp() names drivers on Linux, where there is no Vulkan", () => {
  const linux = { linux: true, vulkanDriver: false };
  const opengl = { ...device, opengl: true };
  for (const found of [undefined, opengl]) {
    const help = formatInstallHelp(found, linux).join("\n");
    assertStringIncludes(help, "Linux has no Vulkan driver here. For a GPU install its maker's");
    assertStringIncludes(help, INSTALL_MESA);
    assertStringIncludes(
      formatInstallHelp(found, { linux: true, vulkanDriver: true }).join("\n"),
      "Linux has no Vulkan driver that works here.",
    );
    assertEquals(formatInstallHelp(found, { linux: false, vulkanDriver: false }), []);
  }
  assertEquals(formatInstallHelp(device, linux), []);
});

// Deno takes the drivers' interface from the environment.
for (
  const [name, backend, opengl] of [["OpenGL", "opengl", true], [
    "Vulkan",
    "vulkan",
    false,
  ]] as const
) {
  const env = { DENO_WEBGPU_BACKEND: backend };
  testUnless(
    !findAdapter(env) && `no ${name} driver`,
    `devices tells whether an adapter is ${name}'s`,
    async () => {
      const json = await runTask(["devices", "--json"], { env });
      assertEquals(JSON.parse(json.stdout).device.opengl, opengl);
      const { stdout } = await runTask(["devices"], { env });
      assertEquals(stdout.includes("\napi: OpenGL"), opengl);
    },
  );
}
