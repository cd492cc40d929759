import { runTask } from "./_cli/run_task.ts";
import { findEntryPoints, writeEntryPoints } from "./_exports/entry_points.ts";
import { listModules, readText, root } from "./_exports/modules.ts";

await runTask({
  name: "exports",
  about: "Writes the entry points in deno.json: one for each public module with something to call.",
  flags: {},
}, async () => {
  const before = await readText("deno.json");
  const entries = findEntryPoints(await listModules("pipelines", "models"));
  const text = writeEntryPoints(before, entries);
  if (text !== before) await Deno.writeTextFile(new URL("deno.json", root), text);
  const count = Object.keys(entries).length;
  console.log(`deno.json: ${count} entry points, ${text === before ? "as before" : "written"}`);
});
