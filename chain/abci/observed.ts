/** An Application that tells of each call: what hosts count, log and record. Changes no answer. */
import { type Method, methods } from "./calls.ts";
import type { HostedApplication } from "./server.ts";

export interface Observer {
  before?(method: Method, request: unknown): void;
  after?(method: Method, request: unknown, answer: unknown): void;
}

export function observed(app: HostedApplication, ...observers: readonly Observer[]): HostedApplication {
  const calls = methods.map((method) => {
    const run = app[method] as (this: HostedApplication, request: unknown) => unknown;
    const watched = (request: unknown): unknown => {
      for (const observer of observers) observer.before?.(method, request);
      const answer = run.call(app, request);
      const tell = (value: unknown) => {
        for (const observer of observers) observer.after?.(method, request, value);
        return value;
      };
      return answer instanceof Promise ? answer.then(tell) : tell(answer);
    };
    return [method, watched] as const;
  });
  const expect = (txs: readonly Uint8Array[]) => app.expect?.(txs);
  return { ...Object.fromEntries(calls), expect } as HostedApplication;
}
