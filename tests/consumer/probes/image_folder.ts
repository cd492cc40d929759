import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { assertEquals } from "@std/assert";
import { collect, readIndexed } from "@rill/rill/pipelines";
import { imageFolder } from "@rill/rill/pipelines/image-folder";

const dir = await mkdtemp("./probe-");
try {
  for (const [label, name] of ["ant", "bee"].entries()) {
    await mkdir(`${dir}/${name}`);
    await writeFile(`${dir}/${name}/1.png`, Uint8Array.of(label));
  }
  const folder = await imageFolder(dir);
  assertEquals(folder.classes, ["ant", "bee"]);
  const images = await collect(readIndexed()(folder));
  assertEquals(images.map(({ bytes, label }) => [...bytes, label]), [[0, 0], [1, 1]]);
} finally {
  await rm(dir, { recursive: true });
}
