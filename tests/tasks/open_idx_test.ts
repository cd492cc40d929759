import { assertEquals } from "@std/assert";
import { openIdx } from "../../tasks/_data/fetch/open_idx.ts";
import { gzip } from "./_fake_dataset.ts";
import { withFolder } from "./_task.ts";

// Noise of four bits, as compressed to a half: each chunk that is read gives more than one, and there is much left.
const bytes = new Uint8Array(4_000_000);
for (let at = 0; at < bytes.length; at += 50_000) {
  crypto.getRandomValues(bytes.subarray(at, at + 50_000));
}
for (let i = 0; i < bytes.length; i++) bytes[i]! &= 15;

Deno.test("openIdx() is closed in the middle without an error that nobody can catch", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(`${dir}/a.gz`, await gzip(bytes));
    await Deno.writeFile(`${dir}/a`, bytes);
    for (const name of ["a.gz", "a"]) {
      for (const count of [1, 2, 3, 10]) {
        let chunks = 0;
        for await (const _ of await openIdx(`${dir}/${name}`)) if (++chunks === count) break;
        assertEquals(chunks, count);
        // Such an error comes later.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }));

Deno.test("openIdx() gives all bytes of a gzipped file", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(`${dir}/a`, await gzip(bytes));
    const response = new Response(await openIdx(`${dir}/a`));
    assertEquals(new Uint8Array(await response.arrayBuffer()), bytes);
  }));
