// Opening a backend in processes that have other drivers or permissions than this one.
import { assertEquals, assertMatch } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { findAdapter } from "./_webgpu_process.ts";

const OPENGL = { DENO_WEBGPU_BACKEND: "opengl" };

testUnless(
  !findAdapter(OPENGL) && "no OpenGL driver",
  "webgpu by name takes OpenGL too, and says what is better",
  async () => {
    const program = 'import { openBackend } from "@rill/rill/models";' +
      'console.log((await openBackend("webgpu")).reason); Deno.exit();';
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", program],
      cwd: new URL("../..", import.meta.url),
      env: OPENGL,
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout),
      "asked for by name (through OpenGL: with a Vulkan driver large programs compile faster)\n",
    );
  },
);

Deno.test("wasm that may not read its program says so, in the error alone", async () => {
  const dir = new URL("../..", import.meta.url);
  const program = "data:text/javascript," + encodeURIComponent(
    `import { openBackend } from "${new URL("models/open_backend.ts", dir)}";` +
      'await openBackend("wasm").catch(({ message }) => console.log(message));',
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", "--quiet", "--config", `deno.json`, program],
    cwd: dir,
    env: { NO_COLOR: "1" },
  }).output();
  const [message, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertMatch(
    message ?? "",
    /^Cannot open the WASM backend with file:\/\/.*\/tfjs-backend-wasm-simd\.wasm: NotCapable: Requires read access to ".*\.wasm"/,
  );
  assertEquals(said, "");
});
