/**
 * Registers a test that needs what may be missing here. Where it is, the runner reports the test as ignored, with the reason
 * in its name: `.ci/run` lists the reasons and knows which to expect.
 *
 * @param missing What is missing, such as `no Chromium`, if anything.
 * @param name The test's name, without the reason.
 * @param fn The test.
 * @param options The runner's.
 */
export function testUnless(
  missing: string | false | undefined,
  name: string,
  fn: () => void | Promise<void>,
  options: Omit<Deno.TestDefinition, "name" | "fn" | "ignore"> = {},
): void {
  const ignore = typeof missing === "string";
  Deno.test({ ...options, name: ignore ? `${name} (ignored: ${missing})` : name, fn, ignore });
}
