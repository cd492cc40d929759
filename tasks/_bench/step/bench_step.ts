import { build, getOrThrow, openBackend } from "../../../models/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, choiceFlag, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { networkNames, networks } from "../../_model/networks.ts";
import { formatProfile } from "../kernels/kernels_report.ts";
import { profileStep } from "../kernels/profile_step.ts";
import { makeRandomBatch } from "../shared/random_batch.ts";
import { formatMachine, readMachine } from "../shared/report.ts";

/** `deno task bench step`. */
export const benchStep = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench step",
    about:
      "Shows what a training step of a network with Adam spends its time on, kernel by kernel: on WebGPU by timestamps on the " +
      "device, where the adapter has them, on WASM by the clock, on one thread.",
    flags: {
      model: choiceFlag(networkNames, { help: "The network", shownDefault: "alexnet" }),
      backend: choiceFlag(["webgpu", "wasm"], { help: "What computes", shownDefault: "wasm" }),
      side: integerFlag({
        least: 1,
        most: 4096,
        help: "Side of the images, in pixels",
        shownDefault: "the network's usual one",
      }),
      channels: integerFlag({
        least: 1,
        most: 65536,
        help: "Channels of the images",
        shownDefault: "the network's usual ones",
      }),
      batchSize: integerFlag({
        least: 1,
        most: 65536,
        help: "Images in a batch",
        shownDefault: "32",
      }),
      rounds: integerFlag({ least: 1, help: "Steps, of which one is shown", shownDefault: "5" }),
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ model = "alexnet", backend: name = "wasm", json, ...given }) =>
    attempt(async () => {
      const known = networks[model];
      const { side = known.side, channels = known.channels, batchSize = 32, rounds = 5 } = given;
      const described = known.describe({ channels, classes: 10 });
      const network = getOrThrow(build(described, [side, side, channels]));
      const machine = readMachine();
      await using backend = await openBackend(name);
      const batch = makeRandomBatch({ side, batchSize, channels }, 0);
      const profile = await profileStep(backend, network, batch, rounds);
      if (json) return console.log(JSON.stringify({ machine, model, side, batchSize, profile }));
      console.log(`${formatMachine(machine)}; the middle one of ${rounds} steps`);
      console.log(
        `${backend.description}; ${known.title}, ${side} × ${side} × ${channels}, batches of ${batchSize}\n`,
      );
      if ("missing" in profile) throw new Error(`Cannot profile a step: ${profile.missing}`);
      console.log(formatProfile(profile, null).join("\n"));
    }), args);
