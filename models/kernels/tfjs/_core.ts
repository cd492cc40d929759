// tfjs's core, as a bundle can load it. The import map leads everything that imports "@tensorflow/tfjs-core" here.
//
// Where it finds a process it asks Node for `util`, when it is loaded: a bundle for browsers has nothing there, and one of ES
// modules has no `require`, so that neither could be loaded in Node. The order of these lines is the order of loading. None of
// it waits, so that nothing else runs in between. What imports one of tfjs's backends imports this before, as they load the
// core themselves.
import "./_hide_process.ts";
export * from "@tensorflow/tfjs-core-package";
import "./_show_process.ts";
