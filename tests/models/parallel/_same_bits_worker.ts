// A rank of a training whose outcome is compared to the bit.
import { answerAsRank } from "./_run_ranks.ts";
import { trainRank } from "./_same_bits.ts";

answerAsRank(trainRank);
