/** Memory of one size that has been used and can be used again. */
export class Pool {
  #free: ArrayBuffer[] | undefined = [];

  /** Memory with whatever is in it, new where none is free. Belongs to the pool until it is dropped. */
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

/** The pool that gave a buffer. */
export const poolOf = (buffer: ArrayBuffer): Pool | undefined => pools.get(buffer);

const pools = new WeakMap<ArrayBuffer, Pool>();
