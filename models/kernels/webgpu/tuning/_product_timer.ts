import * as tf from "@tensorflow/tfjs-core";
import type { Backend } from "../../../backend/backend.ts";
import { countPrograms } from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import type { GemmParameters } from "../gemm/_gemm_parameters.ts";
import { getTuning, type TunedSet, useTuning } from "../gemm/_tuning.ts";
import { computeProduct, makeOperands, type Product } from "./_products.ts";

/** The class of a product, and the set of parameters that it is computed with as a rule. */
interface Usual {
  readonly key: string;
  readonly usual: GemmParameters;
}

/** Times products, each with operands of its own that are made when it comes first. */
export class ProductTimer {
  readonly #backend: Backend;
  readonly #gpu: GpuBackend;
  readonly #usual: ReturnType<typeof getTuning>;
  /** Operands, and how often a product is computed for one time. */
  readonly #prepared = new Map<
    Product,
    { readonly operands: readonly [tf.Tensor, tf.Tensor]; count: number }
  >();
  /** The class that the last product asked for. */
  #asked: Usual | undefined;

  constructor(backend: Backend, gpu: GpuBackend) {
    this.#backend = backend;
    this.#gpu = gpu;
    this.#usual = getTuning(gpu);
  }

  /** Times a product with the usual set, and finds out which that is, and the product's class. */
  async timeFirst(product: Product): Promise<{ readonly before: number } & Usual> {
    await this.time(product, undefined);
    const once = await this.time(product, undefined);
    // Long enough that waiting for the queue, some 10 ms, counts for little.
    const least = this.#backend.hardware ? 0.1 : 0.04;
    this.#prepare(product).count = Math.max(1, Math.min(200, Math.ceil(least / once)));
    const before = await this.time(product, undefined);
    if (!this.#asked) throw new Error("Cannot time a product that asks for no parameters");
    return { before, ...this.#asked };
  }

  /** Times a product, in seconds, with a set or the usual one. */
  async time(product: Product, set: TunedSet | undefined): Promise<number> {
    const { operands: [left, right], count } = this.#prepare(product);
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      this.#use(set);
      this.#gpu.disposeData(computeProduct(this.#gpu, product, left, right).dataId);
    }
    await this.#backend.sync();
    return (performance.now() - start) / 1000 / count;
  }

  /** Times a product without the time that compiling takes. */
  async timeCompiled(product: Product, set: TunedSet | undefined): Promise<number> {
    const before = countPrograms(this.#gpu.device);
    const seconds = await this.time(product, set);
    return countPrograms(this.#gpu.device) === before ? seconds : await this.time(product, set);
  }

  /** Goes back to the usual sets, and releases the operands. */
  dispose(): void {
    useTuning(this.#gpu.device, this.#usual);
    for (const { operands } of this.#prepared.values()) tf.dispose([...operands]);
  }

  #prepare(product: Product) {
    const known = this.#prepared.get(product);
    if (known) return known;
    const prepared = { operands: makeOperands(product), count: 1 };
    this.#prepared.set(product, prepared);
    return prepared;
  }

  #use(set: TunedSet | undefined): void {
    useTuning(this.#gpu.device, {
      ...this.#usual,
      tuned: {
        get: (key, usual) => {
          this.#asked = { key, usual };
          return set;
        },
      },
    });
  }
}
