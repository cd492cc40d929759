/**
 * Makes a folder of small pictures, for examples that were given none: two pixels, a dark and a bright one, side by side or one
 * above the other. It is removed when the program ends.
 */
export async function makePictures(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "rill-example-" });
  addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));
  const pictures = {
    beside:
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR42mNg+A8AAQIBANEay48AAAAASUVORK5CYII=",
    above:
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAAAAAC86un7AAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC",
  };
  for (const [name, base64] of Object.entries(pictures)) {
    await Deno.mkdir(`${dir}/${name}`);
    for (let i = 0; i < 20; i++) {
      await Deno.writeFile(`${dir}/${name}/${i}.png`, Uint8Array.fromBase64(base64));
    }
  }
  return dir;
}
