import { assertEquals, assertRejects } from "@std/assert";
import { writeFileAtomically, writeTextFileAtomically } from "../../tasks/_files/files.ts";
import { encodeNpyHeader } from "../../tasks/_files/npy.ts";
import { withFolder } from "./_task.ts";

const names = (dir: string) => Array.fromAsync(Deno.readDir(dir), ({ name }) => name);

Deno.test("writeFileAtomically() replaces a file by its parts", () =>
  withFolder(async (dir) => {
    await writeTextFileAtomically(`${dir}/a`, "old and longer");
    await writeFileAtomically(`${dir}/a`, [
      Uint8Array.of(1, 2),
      new Uint8Array(),
      Uint8Array.of(3),
    ]);
    assertEquals(await Deno.readFile(`${dir}/a`), Uint8Array.of(1, 2, 3));
    assertEquals(await names(dir), ["a"]);
  }));

Deno.test("writeFileAtomically() leaves nothing behind and the old file as it was when it fails", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/folder`);
    await assertRejects(
      () => writeFileAtomically(`${dir}/folder`, [Uint8Array.of(1)]),
      Error,
      `Cannot write ${dir}/folder as the system refuses: `,
    );
    await assertRejects(() => writeFileAtomically(`${dir}/absent/a`, []), Error, "Cannot write");
    await writeTextFileAtomically(`${dir}/a`, "old");
    const failing = { length: 1, subarray: () => "no bytes" } as unknown as Uint8Array;
    await assertRejects(() => writeFileAtomically(`${dir}/a`, [failing]), Error, "Cannot write");
    assertEquals((await names(dir)).sort(), ["a", "folder"]);
    assertEquals(await Deno.readTextFile(`${dir}/a`), "old");
  }));

Deno.test("encodeNpyHeader() is NumPy's, byte for byte", () => {
  // np.save of an array of float32 with shape (3, 10), its first 128 bytes.
  const expected =
    "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 10), }";
  const text = [...encodeNpyHeader([3, 10])].map((byte) => String.fromCharCode(byte)).join("");
  assertEquals(text, expected.padEnd(127) + "\n");
});

Deno.test("writeFileAtomically() throws on what its parts throw, and leaves the file as it was", () =>
  withFolder(async (dir) => {
    await writeTextFileAtomically(`${dir}/a`, "old");
    async function* parts() {
      yield await Promise.resolve(Uint8Array.of(1));
      throw new RangeError("no more");
    }
    await assertRejects(() => writeFileAtomically(`${dir}/a`, parts()), RangeError, "no more");
    assertEquals(await names(dir), ["a"]);
    assertEquals(await Deno.readTextFile(`${dir}/a`), "old");
  }));
