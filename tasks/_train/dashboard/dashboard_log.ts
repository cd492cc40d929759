import { joinLogs, type JsonLog } from "../report/json_log.ts";
import type { LogEvent } from "../report/run_log.ts";
import type { Dashboard } from "./dashboard.ts";
import type { RunEvent } from "./event_history.ts";

/** The learning rate by step, from 1. */
type StepRate = (step: number) => number;

/** Makes the log of a run whose events the dashboard shows, too. */
export function showLog(log: JsonLog, dashboard: Dashboard, rate: StepRate): JsonLog {
  const complete = createCompletion(rate);
  const write = (event: RunEvent) => dashboard.take(complete(event));
  return joinLogs([log, { write, renew() {}, close() {} }]);
}

/** Shows what the log of a run tells that goes on, of the time before. */
export function showBefore(
  events: readonly LogEvent[],
  dashboard: Dashboard,
  rate: StepRate,
): void {
  const complete = createCompletion(rate);
  for (const one of events) dashboard.take(complete({ ...one, event: String(one.event) }));
}

/** Creates the function that adds the learning rate to an event of a step. */
const createCompletion = (rate: StepRate) => (event: RunEvent): RunEvent =>
  event.event === "step" ? { ...event, learningRate: rate(Number(event.step)) } : event;
