import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Dashboard, openDashboard } from "../../../tasks/_train/dashboard/dashboard.ts";
import {
  createEventHistory,
  type RunEvent,
} from "../../../tasks/_train/dashboard/event_history.ts";
import { driveChromium } from "../../_package/drive_chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { testUnless } from "../../_test_unless.ts";
import { writePictures } from "../_checkpoints.ts";
import { runTask, withFolder } from "../_task.ts";
import { withServedTask } from "../serve/_served_task.ts";

const chromium = await findProgram("chromium", "google-chrome");

const step = (number: number) => ({ event: "step", step: number });

Deno.test("createEventHistory() holds a bounded part of a long run, and forgets what is made again", () => {
  const history = createEventHistory(8);
  const steps = () =>
    history.list().flatMap(({ event, step }) => event === "step" ? [step as number] : []);
  history.add({ event: "run" });
  for (let i = 1; i <= 9; i++) history.add(step(i));
  assertEquals(steps(), [2, 4, 6, 8, 9]);
  for (let i = 10; i <= 1000; i++) {
    history.add(step(i));
    assert(steps().length <= 8);
  }
  assertEquals([history.list()[0]?.event, steps().at(-1)], ["run", 1000]);

  const again = createEventHistory();
  for (const epoch of [1, 2, 3]) {
    again.add(step(epoch));
    again.add({ event: "epoch", epoch });
  }
  for (const event of [step(2), { event: "epoch", epoch: 2 }]) again.add(event);
  const kept = again.list().map(({ event, step, epoch }) => `${event} ${step ?? epoch}`);
  assertEquals(kept, ["step 1", "epoch 1", "step 2", "epoch 2"]);
});

/** Opens a dashboard for a test. */
async function withDashboard(
  body: (dashboard: Dashboard, url: string, token: string) => Promise<void>,
): Promise<void> {
  const warnings: string[] = [];
  const dashboard = await openDashboard({ port: 0, warn: (line) => warnings.push(line) });
  const [url = "", token = ""] = dashboard.url.split("#");
  try {
    await body(dashboard, url, token);
  } finally {
    await dashboard.close();
  }
  assertEquals(warnings, []);
}

/** Reads the server-sent events of a response, a list of events each. */
async function* readEvents(response: Response): AsyncGenerator<unknown> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop()!;
    for (const message of messages) yield JSON.parse(message.replace(/^.*?data: /s, ""));
  }
}

Deno.test("a dashboard tells the whole run to whoever comes late, and goes on without those who leave", () =>
  withDashboard(async (dashboard, url) => {
    dashboard.take(step(1));
    const early = readEvents(await fetch(`${url}events`));
    assertEquals((await early.next()).value, [step(1)]);
    dashboard.take(step(2));
    assertEquals((await early.next()).value, [step(2)]);
    const late = await fetch(`${url}events`);
    assertEquals(late.headers.get("content-type"), "text/event-stream");
    const events = readEvents(late);
    assertEquals((await events.next()).value, [step(1), step(2)]);
    await early.return(undefined);
    for (let i = 3; i < 50; i++) {
      dashboard.take(step(i));
      assertEquals((await events.next()).value, [step(i)]);
    }
    await dashboard.close("Cannot go on as the disk is full");
    assertEquals((await events.next()).value, [
      { event: "end", error: "Cannot go on as the disk is full" },
    ]);
    assertEquals((await events.next()).done, true);
  }));

Deno.test("a dashboard holds no more for a page that reads nothing than a bounded part", () =>
  withDashboard(async (dashboard, url) => {
    const response = await fetch(`${url}events`);
    const big = { event: "step", text: "x".repeat(10_000) };
    for (let i = 1; i < 5000; i++) {
      dashboard.take({ ...big, step: i });
      if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    let told = 0;
    for await (const _ of readEvents(response)) told++;
    assert(told >= 1000 && told < 4000, `${told} events`);
  }));

Deno.test("a dashboard's buttons need its token", () =>
  withDashboard(async (dashboard, url, token) => {
    const ask = async (what: string, headers: HeadersInit) => {
      const response = await fetch(`${url}${what}`, { method: "POST", headers });
      await response.body?.cancel();
      return response.status;
    };
    for (const headers of [{}, { "x-rill-token": "0".repeat(32) }, { "x-rill-token": "" }]) {
      assertEquals([await ask("save", headers), await ask("stop", headers)], [403, 403]);
    }
    assertEquals([dashboard.takeWish(), dashboard.stopped.aborted], [false, false]);
    const known = { "x-rill-token": token };
    assertEquals(await ask("save", known), 202);
    assertEquals([dashboard.takeWish(), dashboard.takeWish()], [true, false]);
    assertEquals(await ask("stop", known), 202);
    assert(dashboard.stopped.aborted);
    assertEquals(await ask("stop", { ...known, origin: "https://other.example" }), 403);
  }));

testUnless(
  chromium ? undefined : "no Chromium",
  "train --dashboard shows the run, saves and stops by its buttons, and the run that goes on shows all of it, on the same page, too",
  () =>
    withFolder(async (dir) => {
      await writePictures(`${dir}/photos`, ["ants", "bees"], 12);
      const run = `${dir}/run`;
      const train = ["train", "--preset", "lenet", "--data", `folder:${dir}/photos`]
        .concat("--backend", "wasm", "--threads", "1", "--workers", "0", "--batch-size", "8")
        .concat("--log-every", "1", "--epochs", "100000", "--quiet");
      const readLog = async () =>
        (await Deno.readTextFile(`${run}/log.jsonl`)).trim().split("\n").map((line) =>
          JSON.parse(line)
        );
      await withServedTask([...train, "--out", run, "--dashboard"], {}, async (served) => {
        const { process, notes } = served;
        const [url = ""] = /http:\S+#\w+/.exec(notes()) ?? [];
        const { port } = new URL(url);
        const taken = await runTask([...train, "--out", `${dir}/none`, `--dashboard=${port}`]);
        assertEquals([taken.code, taken.errors], [
          1,
          [
            `error: Cannot show the dashboard on port ${port} as another program has it: ` +
            "name another with --dashboard=PORT, or 0 for any that is free",
          ],
        ]);
        await assertRejects(() => Deno.stat(`${dir}/none`), Deno.errors.NotFound);

        await driveChromium(chromium!.name, url, async (page) => {
          await page.waitFor(`document.querySelectorAll("#epochs tr").length > 1`);
          for (const dark of [false, true]) {
            await page.show({ width: dark ? 390 : 1280, dark });
            assertEquals(await page.findObstacles(), []);
            assert(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`));
            const shots = Deno.env.get("RILL_SCREENSHOTS");
            if (shots) await page.screenshot(`${shots}/dashboard-${dark ? 390 : 1280}.png`);
          }
          const isDrawn = `[...document.querySelectorAll("canvas")].every((canvas) =>
            canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))`;
          assertEquals(await page.evaluate(`document.querySelectorAll("canvas").length`), 4);
          assert(await page.evaluate(isDrawn));
          assertStringIncludes(
            await page.evaluate(`document.getElementById("title").textContent`),
            "Training lenet on folder:",
          );
          await page.evaluate(`document.getElementById("save").click()`);
          for (let isSaved = false; !isSaved;) {
            isSaved = (await readLog()).some(({ reason }) => reason === "interval");
          }
          await page.evaluate(`document.getElementById("stop").click()`);
          await page.waitFor(`document.getElementById("status").textContent.includes("ended")`);
          assertEquals(page.errors, []);
          assertEquals((await process.status).code, 130, notes());

          const steps = (await readLog()).filter(({ event }) => event === "step").length;
          const resume = ["train", "--resume", run, "--quiet", `--dashboard=${port}`];
          await withServedTask(resume, {}, async ({ url, process }) => {
            const events = readEvents(await fetch(`${url}/events`));
            const told: RunEvent[] = [];
            while (told.length < steps) {
              const { value } = await events.next();
              told.push(...(value as RunEvent[]).filter(({ event }) => event === "step"));
            }
            assertEquals(told.map(({ step }) => step), told.map((_, i) => i + 1));
            assert(told.every((one) => typeof one.learningRate === "number"));
            // The page that is still open goes on with the run; its buttons are those of the run before.
            const now = `Number.parseInt(document.getElementById("now-step").textContent)`;
            await page.waitFor(`${now} > ${steps}`);
            await page.evaluate(`document.getElementById("stop").click()`);
            await page.waitFor(
              `document.getElementById("problem").textContent.includes("without the token")`,
            );
            process.kill("SIGINT");
            await events.return(undefined);
            assertEquals((await process.status).code, 130);
          });
        });
      });
    }),
);
