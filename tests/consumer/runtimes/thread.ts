// The worker of a training's thread, with the plan that it is by.
import { runTrainingThread } from "@rill/rill/models/run-training-thread";
import createPlan from "./plan.ts";

runTrainingThread(createPlan);
