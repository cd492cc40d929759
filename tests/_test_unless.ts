/**
 * Registers a test that needs what may be missing here. Where it is, the runner reports the test as ignored, with the reason
 * in its name: `.ci/run` lists the reasons and knows which to expect.
 *
 * @param missing What is missing, such as `no Chromium`, or `undefined`.
 * @param test The test.
 */
export function testUnless(missing: string | undefined, test: Deno.TestDefinition): void {
  if (missing === undefined) Deno.test(test);
  else Deno.test({ ...test, name: `${test.name} (ignored: ${missing})`, ignore: true });
}
