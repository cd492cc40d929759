import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { idxExamples } from "@rill/rill/pipelines";
import { packData } from "../../../tasks/_site/pack_data.ts";
import type { ModelFile } from "../../../tasks/_site/pack_model.ts";
import {
  chapter,
  toModelConfig,
  type TrainSettings,
} from "../../../tasks/_train/settings/train_settings.ts";
import { writePictures } from "../_checkpoints.ts";
import { withFolder } from "../_task.ts";

const classNames = ["cats", "dogs"];

/** Describes a model that a run has trained. */
function describeRun(run: Partial<TrainSettings>): ModelFile {
  const settings = { ...chapter, ...run };
  const model = toModelConfig(settings, { classNames });
  const bytes = new Uint8Array();
  return { title: "", bytes, path: "best.safetensors", model, run: { settings, data: undefined } };
}

Deno.test("a page has the images of its model's run, those that it hasn't learned from to test on, and some as the model takes them", () =>
  withFolder(async (dir) => {
    await writePictures(`${dir}/photos`, classNames, 10);
    const run = { data: `folder:${dir}/photos`, model: "resnet8", side: 56, channels: 3 } as const;
    const notes: string[] = [];
    const note = (line: string) => notes.push(line);
    const own = describeRun({ ...run, images: 16, validation: 0.2, resize: "crop" });
    const packed = await packData({}, own, note);
    const { mean: _mean, std: _std, checksum: _checksum, ...facts } = packed!.facts;
    assertEquals(facts, {
      title: "photos",
      classes: classNames,
      side: 28,
      channels: 3,
      train: 16,
      test: 4,
      examples: 4,
    });
    const open = async (split: string) => {
      const get = (name: string) => packed!.files.get(`data/${split}-${name}.idx.gz`)!;
      return await idxExamples({ images: get("images"), labels: get("labels") });
    };
    // As large as the model resizes them to, before it takes the middle.
    const examples = await open("examples");
    assertEquals([examples.height, examples.width, examples.channels], [64, 64, 3]);
    assertEquals([...examples.labels].sort(), [0, 0, 1, 1]);
    assertEquals([...(await open("test")).labels], [...examples.labels]);
    assertMatch(
      notes.at(-1)!,
      /16 images to train on and 4 to test on at 28 x 28, 4 to show at 64/,
    );

    // Where the model takes what LeNet does, there is nothing more to show.
    const small = await packData(
      { images: 5 },
      describeRun({ ...run, images: 20, side: 28 }),
      note,
    );
    assertEquals([small!.facts.train, small!.facts.test, small!.facts.examples], [5, 2, 0]);

    // The data is gone, or nobody knows which it was: then there is none, unless it was asked for.
    const gone = describeRun({ ...run, data: `folder:${dir}/none` });
    const foreign = { ...own, run: undefined };
    for (
      const [model, reason] of [
        [gone, "none as there is no such folder"],
        [foreign, "Cannot tell what best.safetensors has learned on as it is of no run of Rill's"],
      ] as const
    ) {
      notes.length = 0;
      assertEquals(await packData({}, model, note), undefined);
      assertEquals(notes.length, 1);
      assertMatch(notes[0]!, /^data: none, so that the page can't train: .*name other images/);
      await assertRejects(() => packData({ images: 5 }, model, note), Error, reason);
    }
    const other = await packData({ data: run.data }, foreign, note);
    assertEquals(other!.facts.test, 2);
  }));
