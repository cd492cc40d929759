import { assertEquals } from "@std/assert";
import { openIdx } from "../../tasks/_data/open_idx.ts";
import { gzip } from "./_fake_dataset.ts";
import { withFolder } from "./_task.ts";

// Noise, so that there is much left to decompress.
const bytes = new Uint8Array(4_000_000);
for (let at = 0; at < bytes.length; at += 50_000) {
  crypto.getRandomValues(bytes.subarray(at, at + 50_000));
}

Deno.test("openIdx() is closed in the middle without an error that nobody can catch", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(`${dir}/a.gz`, await gzip(bytes));
    await Deno.writeFile(`${dir}/a`, bytes);
    for (const name of ["a.gz", "a"]) {
      const stream = await openIdx(`${dir}/${name}`);
      let first: number | undefined;
      for await (const chunk of stream) {
        first = chunk[0];
        break;
      }
      assertEquals(first, bytes[0]);
      // Such an error comes later.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }));

Deno.test("openIdx() gives all bytes of a gzipped file", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(`${dir}/a`, await gzip(bytes));
    const response = new Response(await openIdx(`${dir}/a`));
    assertEquals(new Uint8Array(await response.arrayBuffer()), bytes);
  }));
