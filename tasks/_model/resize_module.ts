/** What workers do that resize. It loads no more than that needs. */
export { resize as default } from "../../pipelines/images/resize.ts";
