import { enumerate } from "@rill/rill/pipelines";
import { testStage } from "../_helpers.ts";

testStage<string, readonly [number, string]>({
  name: "enumerate()",
  stage: enumerate(),
  input: ["a", "b", "c"],
  output: [[0, "a"], [1, "b"], [2, "c"]],
  pulled: (given) => given,
});
