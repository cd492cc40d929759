/**
 * How a setting changes with the steps: a pure function of the step's number, from 1. A number is a schedule that never
 * changes, where either is taken.
 */
export type Schedule = (step: number) => number;
