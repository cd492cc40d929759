// A page beside which there is no program.
import { post, refuse } from "./post.ts";

await post(await refuse());
