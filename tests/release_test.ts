import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { findProgram } from "./_package/find_program.ts";
import { root } from "./_package/list_packed_files.ts";
import { testUnless } from "./_test_unless.ts";

const bash = await findProgram("bash");
const isWindows = Deno.build.os === "windows";

/** Reads what the first step of `publish.yml` with several lines runs. */
async function readFirstStep(): Promise<string> {
  const text = await Deno.readTextFile(`${root}.github/workflows/publish.yml`);
  const [, block = ""] = /^ {8}run: \|\n((?: {10}.*\n)+)/m.exec(text) ?? [];
  return block.replace(/^ {10}/gm, "");
}

testUnless(
  bash && !isWindows ? undefined : "no bash",
  "a tag is published that is the version of deno.json, and no other",
  async () => {
    const { version } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
    const script = await readFirstStep();
    const publish = async (tag: string) => {
      const { code, stdout } = await new Deno.Command("bash", {
        args: ["-e", "-c", script],
        cwd: root,
        env: {
          GITHUB_REF_NAME: tag,
          NO_COLOR: "1",
          PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
        },
        stdin: "null",
      }).output();
      return [code, new TextDecoder().decode(stdout)];
    };
    assertEquals(await publish(`v${version}`), [0, ""]);
    for (const tag of ["v0.0.1", version, `v${version}-rc.1`, "main"]) {
      assertEquals(await publish(tag), [
        1,
        `Cannot publish ${tag} as deno.json has the version ${version}\n`,
      ]);
    }
  },
);
