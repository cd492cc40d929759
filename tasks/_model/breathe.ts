/** Lets the event loop turn, so that signals and timers get their chance between two steps that block it. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
