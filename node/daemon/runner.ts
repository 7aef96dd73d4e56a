/**
 * Runs a daemon's pure core: one input at a time through `step`, each effect it wants at the edge, and what became of that back as an input. Owns
 * the order, the bounds and the end; does not own what any of it means.
 */
import type { Log } from "../../chain/log.ts";
import { type Failure, failureOf } from "./failure.ts";

export interface Stepped<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Pure: no clock, no randomness, no I/O. What it needs of them comes in as inputs. */
export type Step<State, Input, Effect> = (state: State, input: Input) => Stepped<State, Effect>;

/** Beyond these an input is refused: whoever feeds a daemon faster than it steps loses what is new, not what is under way. */
const inputsMax = 100_000;
const effectsMax = 10_000;

export interface DaemonOptions<State, Input, Effect> {
  readonly initial: State;
  readonly step: Step<State, Input, Effect>;
  /** Does one thing; what it resolves to is an input, where there is one. The signal tells it that the daemon ends. */
  perform(effect: Effect, signal: AbortSignal): Promise<Input | undefined>;
  /** What a failure of the kinds retry and drop comes to. A fatal one ends the daemon before anything is asked. */
  failed(effect: Effect, failure: Failure): Input | undefined;
  /** Effects of one lane are performed one after the other, in the order in which they were wanted; those without a lane at once. */
  laneOf?(effect: Effect): string | undefined;
  readonly log: Log;
}

export interface Daemon<State, Input> {
  readonly state: State;
  /** False where it was not taken: the daemon ends, or has too much to do. */
  input(input: Input): boolean;
  /** Resolves when the daemon was stopped, rejects with the fatal Failure that ended it. */
  readonly finished: Promise<void>;
  /** Takes no more inputs from outside, tells effects to end, and waits for them. What they still come to is stepped through. */
  stop(): Promise<void>;
}

export function runDaemon<State, Input, Effect>(options: DaemonOptions<State, Input, Effect>): Daemon<State, Input> {
  const runner = new Runner(options);
  return {
    get state() {
      return runner.state;
    },
    input: (input) => runner.input(input),
    finished: runner.finished,
    stop: () => runner.stop(),
  };
}

class Runner<State, Input, Effect> {
  readonly #options: DaemonOptions<State, Input, Effect>;
  readonly #abort = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  readonly #inputs: Input[] = [];
  readonly #lanes = new Map<string, Promise<void>>();
  #underWay = 0;
  #isStepping = false;
  #isStopping = false;
  state: State;

  constructor(options: DaemonOptions<State, Input, Effect>) {
    this.#options = options;
    this.state = options.initial;
    // Who only stops a daemon need not look at how it finished.
    this.#settled.promise.catch(() => undefined);
  }

  get finished(): Promise<void> {
    return this.#settled.promise;
  }

  input(input: Input): boolean {
    if (this.#isStopping || this.#inputs.length >= inputsMax) return false;
    this.#take(input);
    return true;
  }

  stop(): Promise<void> {
    this.#isStopping = true;
    this.#abort.abort();
    this.#endWhenIdle();
    return this.#settled.promise.catch(() => undefined);
  }

  #take(input: Input): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const { state, effects } = this.#options.step(this.state, next);
        this.state = state;
        for (const effect of effects) this.#begin(effect);
      }
    } catch (error) {
      this.#die(failureOf(error));
    } finally {
      this.#isStepping = false;
    }
  }

  #begin(effect: Effect): void {
    if (this.#underWay >= effectsMax) throw new Error(`more than ${effectsMax} effects are under way`);
    this.#underWay += 1;
    const lane = this.#options.laneOf?.(effect);
    const before = (lane === undefined ? undefined : this.#lanes.get(lane)) ?? Promise.resolve();
    const done = before.then(() => this.#perform(effect));
    if (lane === undefined) return;
    this.#lanes.set(lane, done);
    void done.then(() => {
      if (this.#lanes.get(lane) === done) this.#lanes.delete(lane);
    });
  }

  /** Never rejects. */
  async #perform(effect: Effect): Promise<void> {
    const { perform, failed, log } = this.#options;
    let outcome: Input | undefined;
    try {
      outcome = await perform(effect, this.#abort.signal);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === "fatal") this.#die(failure);
      else {
        log.debug(failure.message, { kind: failure.kind });
        outcome = failed(effect, failure);
      }
    }
    this.#underWay -= 1;
    if (outcome !== undefined) this.#take(outcome);
    this.#endWhenIdle();
  }

  #die(failure: Failure): void {
    this.#isStopping = true;
    this.#abort.abort();
    this.#settled.reject(failure);
  }

  #endWhenIdle(): void {
    if (this.#isStopping && this.#underWay === 0) this.#settled.resolve();
  }
}
