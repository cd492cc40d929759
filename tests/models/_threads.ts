import { testUnless } from "../_test_unless.ts";

/** What threads that share memory lack here, if anything: a page that isn't isolated from others has no memory to share. */
const missing = typeof Worker === "undefined"
  ? "no web workers"
  : typeof SharedArrayBuffer === "undefined"
  ? "no shared memory"
  : undefined;

/**
 * Registers a test that needs so many threads with shared memory. Where they can't be had, it is reported as ignored, with the
 * reason in its name; so it is for another reason, if there is one.
 */
export function threadsTest(
  threads: number,
  name: string,
  fn: () => void | Promise<void>,
  lack?: string,
): void {
  testUnless((threads > 1 ? missing : undefined) ?? lack, name, fn);
}
