import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { classes as clothes } from "../../../tasks/_data/fetch/fashion_mnist.ts";
import { renderServePage } from "../../../tasks/_serve/page.ts";
import { driveChromium } from "../../_package/drive_chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { testUnless } from "../../_test_unless.ts";
import { writeCheckpoint, writePictures } from "../_checkpoints.ts";
import { root, runTask, withFolder } from "../_task.ts";
import { withServedTask } from "./_served_task.ts";

const chromium = await findProgram("chromium", "google-chrome");
const classNames = ["ants & <bees>", "cats", "dogs"];

Deno.test("serve tells the same of pictures as predict, alone and together, and stops once all is answered", () =>
  withFolder(async (dir) => {
    const checkpoint = `${dir}/c.safetensors`;
    await writeCheckpoint(checkpoint, { classNames });
    const paths = await writePictures(`${dir}/photos`, ["a", "b", "c"], 4);
    const corpus = `${root}tasks/_fuzz/corpus`;
    for (const format of ["jpeg", "webp"]) {
      const names = await Array.fromAsync(Deno.readDir(`${corpus}/${format}`));
      paths.push(`${corpus}/${format}/${names.map(({ name }) => name).sort()[0]}`);
    }
    const wasm = ["--checkpoint", checkpoint, "--backend", "wasm", "--quiet"];
    const predicted = await runTask(["predict", ...wasm, "--json", "--top", "3", ...paths]);
    assertEquals(predicted.code, 0, predicted.stderr);
    const expected = predicted.stdout.trim().split("\n").map((line) =>
      JSON.parse(line).predictions as { class: string; probability: number }[]
    );

    await withServedTask(["serve", ...wasm, "--port", "0"], {}, async ({ url, process, notes }) => {
      const ask = async (path: string) => {
        const body = await Deno.readFile(path);
        const response = await fetch(`${url}/predict`, { method: "POST", body });
        assertEquals(response.status, 200);
        return (await response.json()).predictions as typeof expected[0];
      };
      const check = (found: typeof expected) => {
        for (const [i, ranking] of found.entries()) {
          for (const [k, { class: name, probability }] of ranking.entries()) {
            const other = expected[i]![k]!;
            assertEquals(name, other.class, paths[i]);
            assert(Math.abs(probability - other.probability) < 1e-5, paths[i]);
          }
        }
      };
      check([await ask(paths[0]!)]);
      check(await Promise.all(paths.map(ask)));
      const page = await (await fetch(url)).text();
      assertStringIncludes(page, "ants &amp; &lt;bees&gt;");

      const taken = await runTask(["serve", ...wasm, "--port", new URL(url).port]);
      assertEquals([taken.code, taken.stdout, taken.errors.length], [1, "", 1]);
      assertStringIncludes(taken.errors[0]!, "as another program has it: name another with --port");

      // What came before the signal is answered.
      let answered = 0;
      const last = Promise.all(paths.map((path) => ask(path).finally(() => answered++)));
      for (let arrived = 0; arrived < paths.length;) {
        const before = answered;
        const { inWork } = await (await fetch(`${url}/health`)).json();
        arrived = before + inWork;
      }
      process.kill("SIGTERM");
      check(await last);
      assertEquals([(await process.status).code, notes()], [0, ""]);
    });
  }));

Deno.test("the page of serve says how to draw for a network that has learned Fashion-MNIST", async () => {
  const render = (classes: readonly string[]) =>
    renderServePage({ title: "LeNet", checkpoint: "best.safetensors", classes, light: true });
  const advice = "shoes point to the left";
  assertStringIncludes(await render(clothes), advice);
  assert(!(await render(["Sandal", "Ankle boot"])).includes(advice));
});

Deno.test("serve says in one line what it can't do", () =>
  withFolder(async (dir) => {
    const none = await runTask(["serve"], { cwd: dir });
    assertEquals([none.code, none.errors.length], [2, 1]);
    assertStringIncludes(none.errors[0]!, "Cannot serve without --checkpoint FILE: no run under");
  }));

testUnless(
  chromium ? undefined : "no Chromium",
  "the page of serve tells of pictures that are chosen or drawn, to everybody",
  () =>
    withFolder(async (dir) => {
      const checkpoint = `${dir}/c.safetensors`;
      await writeCheckpoint(checkpoint, { classNames });
      const [picture = ""] = await writePictures(`${dir}/photos`, ["a"], 1);
      const args = ["serve", "--checkpoint", checkpoint, "--backend", "wasm", "--port", "0"];
      await withServedTask(args, {}, async ({ url }) => {
        await driveChromium(chromium!.name, url, async (page) => {
          const text = (id: string) =>
            page.evaluate<string>(`document.getElementById("${id}").textContent.trim()`);
          for (const dark of [false, true]) {
            await page.show({ width: dark ? 390 : 1280, dark });
            assertEquals(await page.findObstacles(), []);
          }
          await page.chooseFile("#file", picture);
          await page.waitFor(`document.getElementById("status").textContent.includes("%")`);
          assertMatch(await text("status"), /^0\.png: (?:ants & <bees>|cats|dogs), [\d.]+ %$/);
          assertEquals(await page.evaluate(`document.querySelectorAll("#rows tr").length`), 3);
          assertEquals(await page.findObstacles(), []);
          assert(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`));

          const box = await page.evaluate<{ left: number; top: number }>(
            `document.getElementById("pad").scrollIntoView(),
             document.getElementById("pad").getBoundingClientRect().toJSON()`,
          );
          await page.drag(
            [[20, 20], [120, 60], [60, 160]].map(([x, y]) =>
              [box.left + x!, box.top + y!] as const
            ),
          );
          await page.waitFor(`document.getElementById("status").textContent.includes("drawing:")`);

          await page.evaluate(`document.getElementById("clear").click(),
            document.getElementById("status").textContent = "",
            [" ", "ArrowDown", "ArrowRight", "ArrowDown"].forEach((key) =>
              document.getElementById("pad").dispatchEvent(new KeyboardEvent("keydown", { key })))`);
          await page.waitFor(`document.getElementById("status").textContent.includes("drawing:")`);
          assertEquals(
            await page.evaluate(`[
              document.getElementById("pen").hidden,
              document.getElementById("pad").ariaLabel,
              new Set(document.getElementById("pad").getContext("2d").getImageData(0, 0, 280, 280).data).size > 1,
            ]`),
            [false, "Drawing, the pen is down", true],
          );
          assertEquals(await page.findObstacles(), []);
          const shots = Deno.env.get("RILL_SCREENSHOTS");
          if (shots) {
            for (const [width, dark] of [[1280, false], [390, true]] as const) {
              await page.show({ width, dark });
              await page.screenshot(`${shots}/serve-${width}.png`);
            }
          }

          await page.chooseFile("#file", checkpoint);
          await page.waitFor(`document.getElementById("problem").textContent !== ""`);
          assertStringIncludes(await text("problem"), "as it is neither PNG, JPEG nor WebP");
          assertEquals(page.errors.filter((error) => !error.includes("415")), []);
        });
      });
    }),
);
