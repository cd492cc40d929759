// Writes the files that a program of this folder has printed, as JSON on standard input: their texts, by their paths in the
// repository. What is there stays as it is until the new file is whole.
const printed = await new Response(Deno.stdin.readable).text();
if (printed === "") {
  console.error("error: Cannot write the modules as none were compiled");
  Deno.exit(1);
}

for (const [path, text] of Object.entries<string>(JSON.parse(printed))) {
  const file = new URL(`../../${path}`, import.meta.url);
  const next = new URL(`${file}.new`);
  await Deno.writeTextFile(next, text);
  await Deno.rename(next, file);
  console.log(`wrote ${path}`);
}
