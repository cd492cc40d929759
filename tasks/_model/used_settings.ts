// Which settings of a training have a part in it: all are kept, with values for other optimizers and networks.
import { findNetwork } from "./networks.ts";

/** The settings of a training by their names. */
export type NamedSettings = Readonly<Record<string, unknown>>;

/** The optimizers to which a setting belongs. */
const OPTIMIZERS: Readonly<Record<string, readonly string[]>> = {
  momentum: ["sgd", "rmsprop"],
  nesterov: ["sgd"],
  dampening: ["sgd"],
  beta1: ["adam", "adamw"],
  beta2: ["adam", "adamw"],
  amsgrad: ["adam", "adamw"],
  alpha: ["rmsprop"],
  centered: ["rmsprop"],
  rho: ["adadelta"],
  learningRateDecay: ["adagrad"],
  initialSum: ["adagrad"],
};

/** Explains why a setting has no part in a training, in words that follow "with"; gives `undefined` where it has. */
export function explainUnused(
  name: string,
  { model, optimizer }: NamedSettings,
): string | undefined {
  if (typeof optimizer === "string") {
    const owners = OPTIMIZERS[name];
    if (owners && !owners.includes(optimizer)) {
      return `${optimizer}: it is ${owners.map((owner) => `${owner}'s`).join(" and ")}`;
    }
    if (name === "epsilon" && optimizer === "sgd") return `${optimizer}: it divides by nothing`;
  }
  if ((name !== "dropout" && name !== "activation") || typeof model !== "string") return undefined;
  if (findNetwork(model)?.choices[name] !== undefined) return undefined;
  return `--model ${model}: it has ${name === "dropout" ? "none" : "its own"}`;
}

/** Tells whether a setting is something, and has a part in the training. */
export const isUsed = (name: string, settings: NamedSettings): boolean =>
  (name === "seed" || ![undefined, 0, "", "none"].includes(settings[name] as string)) &&
  explainUnused(name, settings) === undefined;
