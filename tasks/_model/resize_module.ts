/** The stage of the workers that resize. Loads no more than they need. */
export { resize as default } from "../../pipelines/images/resize.ts";
