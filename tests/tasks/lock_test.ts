import { assert, assertEquals, assertRejects } from "@std/assert";
import { LockedError, lockFolder } from "../../tasks/_files/lock.ts";
import { namesIn } from "./_run_folder.ts";
import { root, withFolder } from "./_task.ts";

Deno.test("lockFolder() locks a folder by any path, and gives it free without a trace", () =>
  withFolder(async (dir) => {
    const run = `${dir}/my run ü`;
    await Deno.mkdir(run);
    await Deno.symlink(run, `${dir}/link`);
    const lock = await lockFolder(run);
    assertEquals(lock.missing, undefined);
    for (const path of [run, `${dir}/./my run ü/`, `${dir}/link`]) {
      await assertRejects(
        () => lockFolder(path),
        LockedError,
        `Cannot use ${path} as another run is saving to it, the process ${Deno.pid}: ` +
          "wait for its end, or end it",
      );
    }
    lock.release();
    lock.release();
    assertEquals(await namesIn(run), []);
    (await lockFolder(`${dir}/link`)).release();
    await assertRejects(
      () => lockFolder(`${dir}/absent`),
      Error,
      `Cannot save to ${dir}/absent as the system refuses: `,
    );
  }));

Deno.test("a process that is killed leaves no lock behind", () =>
  withFolder(async (dir) => {
    const script = `import { lockFolder } from ${
      JSON.stringify(`file://${root}tasks/_files/lock.ts`)
    };
      await lockFolder(${JSON.stringify(dir)});
      console.log("locked");
      setInterval(() => {}, 1000);`;
    await Deno.writeTextFile(`${dir}/script.ts`, script);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", `${root}deno.json`, "--no-check", "-A", `${dir}/script.ts`],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await assertRejects(
      () => lockFolder(dir),
      LockedError,
      `Cannot use ${dir} as another run is saving to it, the process ${child.pid}: `,
    );
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    // The file is there still, and another run takes it over.
    assertEquals(await namesIn(dir), ["lock", "script.ts"]);
    (await lockFolder(dir)).release();
    assertEquals(await namesIn(dir), ["script.ts"]);
  }));

Deno.test("of many that lock a folder, each alone has it", () =>
  withFolder(async (dir) => {
    let inside = 0;
    let times = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 40;) {
        try {
          const lock = await lockFolder(dir);
          assertEquals(++inside, 1);
          times++;
          await Promise.resolve();
          inside--;
          lock.release();
          i++;
        } catch (error) {
          assert(error instanceof LockedError);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    }));
    assertEquals(times, 320);
    assertEquals(await namesIn(dir), []);
  }));
