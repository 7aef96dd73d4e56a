/** The real modules over an empty journal, for tests: genesis, messages, queries and every invariant, without blocks or signatures. */
import type { BlockInfo, Context, ReadContext, Timestamp } from "../../chain/context.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import { ChainError } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { type ExecutionContext, executionContext, readContext } from "../../chain/execution.ts";
import { type GasMeter, unlimitedGasMeter } from "../../chain/gas.ts";
import type { DeliverTx } from "../../chain/module.ts";
import type { Journal } from "../../chain/store/journal.ts";
import { memoryJournal } from "../../chain/store/memory.ts";
import type { Entry } from "../../chain/store/types.ts";
import { weir } from "../../modules/index.ts";

export interface Outcome {
  readonly events: readonly ChainEvent[];
  readonly refusal: ChainError | undefined;
}

export interface TestChain {
  readonly definition: ChainDefinition;
  /** The next contexts are of this block: what is left out stays as it was. */
  setBlock(changes: Partial<BlockInfo>): void;
  /** A context whose writes stay; without end of gas where none is given. */
  context(gas?: GasMeter): ExecutionContext;
  /** Runs a message's stateless and stateful parts; a ChainError undoes it, anything else is thrown. */
  message(typeUrl: string, value: unknown): Outcome;
  /** As `message`, for a call of a keeper. */
  attempt(body: (ctx: Context) => void): Outcome;
  /** The handler's answer; throws what it throws. */
  query<R>(path: string, request: object): R;
  /** The first broken invariant in words. */
  broken(): string | undefined;
  /** Every entry of a store, in order. */
  entries(storeName: string): readonly Entry[];
  /** Genesis JSON by module, as `weir export` writes it. */
  exported(): Readonly<Record<string, unknown>>;
}

export const testBlock: BlockInfo = {
  chainId: "weir-test-1",
  height: 7n,
  time: { seconds: 1_700_000_000n, nanos: 0 },
  proposerAddress: new Uint8Array(0),
};

/** A context over empty stores, for what stands below modules. */
export const memoryContext = (): ExecutionContext => contextAt(testBlock.time);

/** The same in a block of that time. */
export const contextAt = (time: Timestamp): ExecutionContext =>
  executionContext(memoryJournal(), { ...testBlock, time }, "finalize", unlimitedGasMeter());

/** For genesis without transactions. */
export const noDelivery: DeliverTx = () => "this chain verifies no signatures: leave gen_txs out";

/** `appState` as genesis.json has it; modules that it leaves out begin with their defaults. */
export function testChain(
  appState: Readonly<Record<string, unknown>> = {},
  definition = weir,
  begin: Partial<BlockInfo> = {},
): TestChain {
  const journal: Journal = memoryJournal();
  let block: BlockInfo = { ...testBlock, ...begin };
  const context = (gas = unlimitedGasMeter()) => executionContext(journal, block, "finalize", gas);
  const reading = () => readContext({ store: (name) => journal.store(name) }, block, unlimitedGasMeter());

  runGenesis(
    definition,
    appState,
    executionContext(journal, { ...block, height: begin.height ?? 0n }, "genesis", unlimitedGasMeter()),
  );

  const attempt = (body: (ctx: Context) => void): Outcome => {
    const ctx = context();
    try {
      ctx.attempt(() => body(ctx));
      return { events: ctx.events, refusal: undefined };
    } catch (error) {
      if (error instanceof ChainError) return { events: [], refusal: error };
      throw error;
    }
  };

  return {
    definition,
    setBlock(changes) {
      block = { ...block, ...changes };
    },
    context,
    attempt,
    message(typeUrl, value) {
      const handler = definition.modules.find(({ messages }) => messages[typeUrl] !== undefined)?.messages[typeUrl];
      if (handler === undefined) throw new Error(`no module handles ${typeUrl}`);
      return attempt((ctx) => {
        handler.validate(value);
        handler.execute(ctx, value);
      });
    },
    query(path, request) {
      const handler = definition.modules.find(({ queries }) => queries[path] !== undefined)?.queries[path];
      if (handler === undefined) throw new Error(`no module answers ${path}`);
      const answer = handler.run(reading(), handler.request.fromPartial(request));
      // Through the wire and back, as a client sees it.
      return handler.response.decode(handler.response.encode(answer));
    },
    broken: () => firstBroken(definition, reading()),
    entries: (storeName) => [...journal.store(storeName).iterate({})],
    exported() {
      const ctx = reading();
      return Object.fromEntries(
        definition.order.genesis.map(({ name, genesis }) => [name, genesis.toJson(genesis.export(ctx))]),
      );
    },
  };
}

function runGenesis(definition: ChainDefinition, appState: Readonly<Record<string, unknown>>, ctx: Context): void {
  for (const { name, genesis } of definition.order.genesis) {
    const state = appState[name] === undefined ? genesis.default() : genesis.parse(appState[name]);
    genesis.init(ctx, state, noDelivery);
  }
}

function firstBroken({ modules }: ChainDefinition, ctx: ReadContext): string | undefined {
  for (const { name, invariants } of modules) {
    for (const [what, invariant] of Object.entries(invariants)) {
      const words = invariant(ctx);
      if (words !== undefined) return `${name}/${what}: ${words}`;
    }
  }
  return undefined;
}
