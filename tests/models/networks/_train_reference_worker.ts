// A rank of a training that is compared with PyTorch's.
import { answerAsRank } from "../parallel/_run_ranks.ts";
import { trainAsRank } from "./_train_reference.ts";

answerAsRank(trainAsRank);
