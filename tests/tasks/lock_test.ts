import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { folderFiles } from "../../tasks/_files/folder_files.ts";
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

Deno.test("lockFolder() takes no file of somebody else's for its own, and follows no link", () =>
  withFolder(async (dir) => {
    const path = `${dir}/lock`;
    for (const text of ["", "12\n"]) {
      await Deno.writeTextFile(path, text);
      (await lockFolder(dir)).release();
      assertEquals(await namesIn(dir), []);
    }
    for (const text of ["mine", "\n", "12", "12\nmine", "1".repeat(30) + "\n"]) {
      await Deno.writeTextFile(path, text);
      await assertRejects(
        () => lockFolder(dir),
        UsageError,
        `Cannot lock ${dir} as its file lock is not a run's: move it away, or name another folder`,
      );
      assertEquals(await Deno.readTextFile(path), text);
    }
    await Deno.rename(path, `${dir}/other`);
    for (const target of [`${dir}/other`, `${dir}/nowhere`]) {
      await Deno.symlink(target, path);
      await assertRejects(
        () => lockFolder(dir),
        UsageError,
        `Cannot use ${path} as it is a link, not a file: move it away, or name another folder`,
      );
      await Deno.remove(path);
    }
    assertEquals(await namesIn(dir), ["other"]);
    await Deno.mkdir(path);
    await assertRejects(() => lockFolder(dir), UsageError, "as it is a folder, not a file");
  }));

Deno.test("a store of checkpoints in a folder follows no link to write", () =>
  withFolder(async (dir) => {
    const files = folderFiles(dir);
    await Deno.writeTextFile(`${dir}/mine`, "mine");
    const write = (name: string) => files.write(name, ReadableStream.from([Uint8Array.of(1, 2)]));
    for (const [name, target] of [["a.tmp", `${dir}/mine`], ["b.tmp", `${dir}/nowhere`]] as const) {
      await Deno.symlink(target, `${dir}/${name}`);
      await write(name);
      await write(name);
      assertEquals(await files.read(name), Uint8Array.of(1, 2));
    }
    await Deno.symlink(`${dir}/mine`, `${dir}/a`);
    await files.rename("a.tmp", "a");
    assertEquals(await namesIn(dir), ["a", "b.tmp", "mine"]);
    assertEquals(await Deno.readTextFile(`${dir}/mine`), "mine");
    await Deno.mkdir(`${dir}/folder`);
    await assertRejects(() => write("folder"), UsageError, "as it is a folder, not a file");
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
