// A worker of a test's own that is a thread of a training, with its plan.
import { runTrainingThread } from "@rill/rill/models";
import createPlan from "../epochs/_plan.ts";

runTrainingThread(createPlan);
