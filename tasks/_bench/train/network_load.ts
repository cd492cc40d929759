import type { Network } from "../../../models/mod.ts";
import { UsageError } from "../../_cli/errors.ts";
import { buildModel, findSmallestSide } from "../../_model/model_config.ts";
import { type NetworkName, networks } from "../../_model/networks.ts";
import { chooseLoad, type TrainLoad } from "../shared/train_load.ts";

/** A training load: a network of ten classes on images of so many channels, in this size of batches. */
export interface NetworkLoad extends TrainLoad {
  readonly model: NetworkName;
  readonly channels: number;
}

/** Builds the load's network. Throws a UsageError where its images are too small. */
export function buildLoad({ model, side, channels }: Omit<NetworkLoad, "batchSize">): Network {
  const config = { name: model, side, channels, classes: 10 };
  const built = buildModel(config);
  if (built._tag === "Right") return built.right;
  throw new UsageError(
    `Cannot use --side ${side} as ${networks[model].title} takes ${
      findSmallestSide(config)
    } at least`,
  );
}

/** Chooses the backend to measure and its load: as the flags say, else what suits it and the network. */
export async function chooseNetworkLoad(
  { model = "alexnet", channels = networks[model].channels, side, ...given }: {
    readonly backend?: "auto" | "webgpu" | "wasm";
    readonly model?: NetworkName;
    readonly side?: number;
    readonly channels?: number;
    readonly batchSize?: number;
  },
): Promise<NetworkLoad & { readonly backend: "webgpu" | "wasm" }> {
  const usual = model === "alexnet" ? side : side ?? networks[model].side;
  const load = await chooseLoad({ ...given, ...usual !== undefined && { side: usual } });
  buildLoad({ ...load, model, channels });
  return { ...load, model, channels };
}
