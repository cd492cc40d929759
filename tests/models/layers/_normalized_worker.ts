// A rank that trains a network with batch normalization.
import { answerAsRank } from "../parallel/_run_ranks.ts";
import { trainNormalized } from "./_normalized.ts";

answerAsRank(trainNormalized);
