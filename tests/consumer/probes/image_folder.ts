import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { assert, assertEquals } from "@std/assert";
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
  assertEquals([...folder.labels], [0, 1]);
  const all = await imageFolder(dir, { classes: false });
  assertEquals(all.paths, folder.paths);
  await rm(`${dir}/bee/1.png`);
  const error = await folder.get(1).catch(({ message }) => message);
  assert(/^Cannot read image .*1.png as it is no longer there$/.test(error), error);
  const missing = await imageFolder(`${dir}/bug`).catch(({ message }) => message);
  assert(/bug as there is no such folder$/.test(missing), missing);
} finally {
  await rm(dir, { recursive: true });
}
