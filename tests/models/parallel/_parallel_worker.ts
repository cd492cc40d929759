// A rank of a parallel training.
import { trainRank } from "./_parallel.ts";
import { answerAsRank } from "./_run_ranks.ts";

answerAsRank(trainRank);
