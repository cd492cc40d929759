import { assertEquals } from "@std/assert";

/** The workers of one test: how many were started, and how many of them go on. */
export const workers = { started: 0, alive: 0 };

const NativeWorker = Worker;
globalThis.Worker = class extends NativeWorker {
  #alive = true;

  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    workers.started++;
    workers.alive++;
  }

  override terminate(): void {
    if (this.#alive) workers.alive--;
    this.#alive = false;
    super.terminate();
  }
};

/** Registers a test that must end with as many workers as it began. */
export function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    workers.started = 0;
    await body();
    assertEquals(workers.alive, 0);
  });
}
