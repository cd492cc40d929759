import type { FileSystem } from "@rill/rill/models";

/** The contents of a file, and whether they would outlive a loss of power. */
interface Contents {
  bytes: Uint8Array<ArrayBuffer>;
  isSynced: boolean;
}

/** A change of names, which a loss of power undoes as long as nothing was synced. */
type Change = (names: Map<string, Contents>) => void;

/** What goes wrong, and when. */
export interface Fault {
  /** The call that it begins at, from 0. */
  readonly at: number;
  /**
   * What happens: this call and all after it never come back, as where the process ends; this call fails; it fails though it has
   * done what it should; or all calls that write fail, as the disk is full.
   */
  readonly kind: "crash" | "fail" | "fail late" | "full";
}

/** A folder in memory of which one knows what is on the disk, and in which something goes wrong. */
export interface FaultyFiles extends FileSystem {
  /** How many calls there were. */
  readonly calls: number;
  /** Whether it has crashed. */
  readonly isDown: boolean;
  /** Lets something go wrong, or nothing any more. */
  setFault(fault: Fault | undefined): void;
  /**
   * Gives the folder as it is after a crash: of the changes of names that weren't synced some are undone, and contents that
   * weren't synced are cut or are something else.
   */
  restart(): FaultyFiles;
  /** Gives the files as they are. */
  files(): Map<string, Uint8Array<ArrayBuffer>>;
}

/** Is thrown where nothing comes back, to end the test's process. */
export class CrashError extends Error {}

/**
 * Makes a folder.
 *
 * @param draw Draws a number from 0 to below 1.
 * @param durable What is on the disk.
 */
export function createFaultyFiles(
  draw: () => number,
  durable = new Map<string, Contents>(),
): FaultyFiles {
  let synced = new Map(durable);
  const names = new Map(durable);
  let pending: Change[] = [];
  let fault: Fault | undefined;
  let calls = 0;
  let isDown = false;

  const apply = (change: Change) => {
    change(names);
    pending.push(change);
  };
  /** Does something, or something else instead. `part` does a part of it. */
  const call = async <T>(
    body: () => T | Promise<T>,
    { part, writes = false }: { readonly part?: () => unknown; readonly writes?: boolean } = {},
  ): Promise<T> => {
    const number = calls++;
    await Promise.resolve();
    if (isDown) throw new CrashError("the process has ended");
    if (!fault || number < fault.at) return await body();
    if (fault.kind === "full") {
      if (!writes) return await body();
      await part?.();
      throw new Error("No space left on device");
    }
    if (number > fault.at) return await body();
    const how = draw();
    if (fault.kind === "crash") {
      if (how < 0.7) await (how < 0.4 && part ? part() : body());
      isDown = true;
      throw new CrashError("the process has ended");
    }
    await (fault.kind === "fail late" ? body() : part?.());
    throw new Error("Input/output error");
  };
  const get = (name: string): Contents => {
    const contents = names.get(name);
    if (!contents) throw new Error(`there is no ${name}`);
    return contents;
  };
  /** Writes a share of a file. */
  const write = async (
    name: string,
    parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
    share: number,
  ) => {
    const contents: Contents = { bytes: new Uint8Array(), isSynced: false };
    apply((names) => names.set(name, contents));
    const copies: Uint8Array<ArrayBuffer>[] = [];
    for await (const part of parts) copies.push(part.slice());
    const whole = await new Blob(copies).bytes();
    contents.bytes = whole.slice(0, Math.floor(whole.length * share));
    contents.isSynced = share === 1;
  };
  return {
    get calls() {
      return calls;
    },
    get isDown() {
      return isDown;
    },
    setFault(next) {
      fault = next && { ...next, at: calls + next.at };
    },
    list: () => call(() => [...names.keys()]),
    read: (name) => call(() => get(name).bytes.slice()),
    write: (name, parts) =>
      call(() => write(name, parts, 1), {
        part: () => write(name, parts, draw() * 0.99),
        writes: true,
      }),
    rename: (from, to) =>
      call(() => {
        const contents = get(from);
        apply((names) => {
          if (names.get(from) === contents) names.delete(from);
          names.set(to, contents);
        });
      }),
    remove: (name) =>
      call(() => {
        get(name);
        apply((names) => names.delete(name));
      }),
    sync: () =>
      call(() => {
        synced = new Map(names);
        pending = [];
      }, { writes: true }),
    restart() {
      const left = new Map(synced);
      for (const change of pending) if (draw() < 0.5) change(left);
      const torn = ({ bytes, isSynced }: Contents): Contents => {
        if (isSynced) return { bytes, isSynced };
        const end = Math.floor(bytes.length * draw());
        const garbage = bytes.map((byte, at) => at < end ? byte : draw() * 256);
        return { bytes: draw() < 0.5 ? bytes.slice(0, end) : garbage, isSynced: true };
      };
      return createFaultyFiles(
        draw,
        new Map([...left].map(([name, contents]) => [name, torn(contents)])),
      );
    },
    files: () => new Map([...names].map(([name, { bytes }]) => [name, bytes])),
  };
}

/** Makes a function that draws numbers from 0 to below 1, the same for the same seed. */
export function createDraw(seed: number): () => number {
  let state = seed | 0;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
