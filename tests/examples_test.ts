import { assert, assertEquals } from "@std/assert";
import { readText, root } from "../tasks/_exports/modules.ts";

/** The last line that each example prints. */
const LAST_LINES: Readonly<Record<string, string | RegExp>> = {
  "arrays.ts": "pulled 5 of 9 readings",
  "either.ts": "missing: 0.bias, 3.weight, 3.bias, 7.weight, 7.bias",
  "fine_tuning.ts": /^two new classes: accuracy (?:0\.9\d|1\.00)$/,
  "image_folder.ts": "6 images, 2 left out",
  "own_loss.ts": /^recall (?:0\.9\d|1\.00)$/,
  "own_network.ts": "accuracy of the last batch 1.00",
  "own_stage.ts": 'Cannot parse item 1: "two" is not a number',
  "resume.ts": "the last 6 of 8 batches are the same: true",
  "train_folder.ts": /^epoch \d+: accuracy 1\.00$/,
  // Processors round differently.
  "train_tiny.ts": /^accuracy 0\.9\d$/,
};

const examples = [...Deno.readDirSync(new URL("examples", root))]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".ts"))
  .sort();

Deno.test("every example is tested, and listed", async () => {
  assertEquals(examples, Object.keys(LAST_LINES));
  const list = await readText("examples/README.md");
  const linked = [...list.matchAll(/\]\((\w+\.ts)\)/g)].map(([, name]) => name);
  assertEquals(linked.sort(), examples);
});

for (const name of examples) {
  Deno.test(`examples/${name} runs with the permissions that it names`, async () => {
    const text = await readText(`examples/${name}`);
    assert(text.split("\n").length <= 80, "it takes more than a page");
    const [, flags, path] = /^ \* Run it with: deno run (.*)(examples\/\w+\.ts)/m.exec(text) ?? [];
    assertEquals(path, `examples/${name}`, "the header has the command");
    const permissions: readonly string[] = flags?.match(/\S+/g) ?? [];
    assert(permissions.every((flag) => /^--allow-(?!all\b)/.test(flag)), flags);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, `examples/${name}`],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    const last = decoder.decode(stdout).trimEnd().split("\n").at(-1) ?? "";
    const { [name]: expected = "" } = LAST_LINES;
    if (typeof expected === "string") assertEquals(last, expected);
    else assert(expected.test(last), last);
  });
}
