/** Keeps memory of one size that has been used, to be used again. */
export class Pool {
  #free: ArrayBuffer[] | undefined = [];

  /** Gives memory with any content, new where none is free. It belongs to the pool until it is dropped. */
  give(size: number): ArrayBuffer {
    const last = this.#free?.pop();
    // Of another size, all that is here is: images have another shape from now on.
    if (last && last.byteLength !== size) this.#free = [];
    const buffer = last?.byteLength === size ? last : new ArrayBuffer(size);
    pools.set(buffer, this);
    return buffer;
  }

  /** Takes memory back, in a new buffer. */
  take(buffer: ArrayBuffer): void {
    this.#free?.push(buffer);
  }

  /** Gives no more, and takes nothing. */
  close(): void {
    this.#free = undefined;
  }
}

/** Finds the pool that gave a buffer. */
export const findPool = (buffer: ArrayBuffer): Pool | undefined => pools.get(buffer);

const pools = new WeakMap<ArrayBuffer, Pool>();
