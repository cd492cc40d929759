// The start of a training on its way from the first process to the others.
import type { Network } from "../../layers/network.ts";
import type { OptimizerState } from "../../optimizers/optimizer.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { gatherTexts } from "../../parallel/gather_texts.ts";
import { countElements } from "../../types/_shape.ts";
import type { Variables } from "../../types/tensor.ts";
import {
  createStartTaker,
  describeStart,
  listStart,
  type StartFacts,
  type StartTensor,
} from "./_shared_start.ts";

/** Gives all processes a JSON value of the first one. */
export function spreadValue<T>(processes: Communicator, own: T | undefined): T {
  if (processes.size === 1) return own!;
  const [first = ""] = gatherTexts(own === undefined ? "" : JSON.stringify(own), processes);
  return JSON.parse(first);
}

/** The tensors that a training begins with. */
export interface StartedTensors {
  readonly variables: Variables;
  readonly optimizer: OptimizerState | undefined;
  readonly step: number;
}

/** What of a tensor isn't its numbers, or what comes after the last one. */
type Header = Omit<StartTensor, "data"> | { readonly facts: StartFacts };

/** Gives all processes the tensors that the first one begins with, one by one. It keeps its own. */
export function spreadStart(
  network: Network,
  processes: Communicator,
  own: StartedTensors | undefined,
): StartedTensors {
  if (own) {
    const { variables, optimizer, step } = own;
    const say = (header: Header) => gatherTexts(JSON.stringify(header), processes);
    const none = Array.from({ length: processes.size }, () => []);
    for (
      const { data, ...header } of listStart(network, variables, optimizer, { rank: 0, size: 1 })
    ) {
      say(header);
      processes.allGather([data], none);
    }
    say({ facts: describeStart(step, optimizer) });
    return own;
  }
  const { take, finish } = createStartTaker();
  while (true) {
    const header: Header = JSON.parse(gatherTexts("", processes)[0]!);
    if ("facts" in header) return finish(header.facts);
    const data = new Float32Array(countElements(header.shape));
    processes.allGather(
      [],
      Array.from({ length: processes.size }, (_, rank) => rank ? [] : [data]),
    );
    take({ ...header, data });
  }
}
