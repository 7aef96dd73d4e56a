/** Runs one transaction: ante, messages, outcome. Owns what stays when a part fails; it does not own when a transaction runs. */
import { TxMsgData } from "../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import { messageCodec } from "./codec.ts";
import type { BlockInfo, Context, ExecutionMode } from "./context.ts";
import { ChainError, sdk } from "./errors.ts";
import type { ChainEvent, EventAttribute } from "./events.ts";
import { type ExecutionContext, executionContext, type Verify } from "./execution.ts";
import { type GasMeter, limitedGasMeter, unlimitedGasMeter } from "./gas.ts";
import type { Journal } from "./store/journal.ts";
import type { DecodedMessage, DecodedTx } from "./tx/types.ts";

export interface TxOutcome {
  readonly code: number;
  readonly codespace: string;
  readonly data: Uint8Array;
  readonly log: string;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
  readonly events: readonly ChainEvent[];
  /** The ante refused it: nothing was paid, so a proposal that holds it is not acceptable. */
  readonly refusedByAnte: boolean;
}

/** Runs every ante step in order; throws ChainError to refuse the transaction. */
export type Ante = (ctx: Context, tx: DecodedTx, maxGasPerBlock: bigint | undefined) => void;

/** Where a transaction runs. */
export interface Surroundings {
  readonly journal: Journal;
  readonly block: BlockInfo;
  readonly mode: ExecutionMode;
  /** Consensus parameter block.max_gas; undefined where blocks have no limit. */
  readonly maxGasPerBlock: bigint | undefined;
  /** What a simulation may use: it pays nothing, so this is all that bounds it. Asked for in that mode only. */
  readonly simulationGasMax?: bigint;
  /** Counts what the block's transactions used; undefined where there is no block or it has no limit. */
  readonly blockGas: GasMeter | undefined;
  /** Of signatures that stand in messages; left out, each is checked here and now. */
  readonly verify?: Verify | undefined;
}

interface MessageResponse {
  typeUrl: string;
  value: Uint8Array;
}

const messageData = messageCodec(TxMsgData);
const noData = new Uint8Array(0);

/** The outcome of a transaction that was refused before its messages ran. */
export function refusedOutcome(error: ChainError, gasWanted = 0n, gasUsed = 0n): TxOutcome {
  const { code, codespace, message } = error;
  return { code, codespace, data: noData, log: message, gasWanted, gasUsed, events: [], refusedByAnte: true };
}

const succeeded = (data: Uint8Array, gasWanted: bigint, gasUsed: bigint): TxOutcome => ({
  code: 0,
  codespace: "",
  data,
  log: "",
  gasWanted,
  gasUsed,
  events: [],
  refusedByAnte: false,
});

/** Runs `body` and returns the ChainError it ended with; any other throw is a defect and goes up. */
function refusal(body: () => void): ChainError | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error;
    throw error;
  }
}

export function runTransaction(tx: DecodedTx, ante: Ante, surroundings: Surroundings): TxOutcome {
  const { journal, block, mode, maxGasPerBlock, blockGas, verify } = surroundings;
  if (blockGas !== undefined && blockGas.consumed >= blockGas.limit) {
    return refusedOutcome(sdk.outOfGas("no block gas left to run tx"));
  }
  const gasWanted = tx.authInfo.fee?.gasLimit ?? 0n;
  const gas = gasMeterOf(surroundings, gasWanted);
  const ctx = executionContext(journal, block, mode, gas, verify);
  let outcome: TxOutcome;
  const refusedByAnte = refusal(() => ctx.attempt(() => ante(ctx, tx, maxGasPerBlock)));
  if (refusedByAnte !== undefined) outcome = refusedOutcome(refusedByAnte, gasWanted, gas.consumed);
  else if (mode === "check" || mode === "recheck") {
    return { ...succeeded(noData, gasWanted, gas.consumed), events: ctx.events };
  } else outcome = runMessages(tx.messages, ctx, blockGas, gasWanted);
  if (outcome.code !== 0) refusal(() => spendBlockGas(blockGas, gas));
  return outcome;
}

/** One message that passes no ante. However it fails, a proposal that holds it is not acceptable. */
export function runUnpaid(message: DecodedMessage, journal: Journal, block: BlockInfo): TxOutcome {
  const ctx = executionContext(journal, block, "finalize", unlimitedGasMeter());
  const outcome = runMessages([message], ctx, undefined, 0n);
  return { ...outcome, refusedByAnte: outcome.code !== 0 };
}

function gasMeterOf({ mode, simulationGasMax }: Surroundings, gasWanted: bigint): GasMeter {
  if (mode === "genesis") return unlimitedGasMeter();
  if (mode !== "simulate") return limitedGasMeter(gasWanted);
  return simulationGasMax === undefined ? unlimitedGasMeter() : limitedGasMeter(simulationGasMax);
}

/** What the block pays for a transaction: never more than its own limit, as the one operation beyond it was not done. */
function spendBlockGas(blockGas: GasMeter | undefined, gas: GasMeter): void {
  blockGas?.consume(gas.consumed < gas.limit ? gas.consumed : gas.limit, "block gas meter");
}

function runMessages(
  messages: readonly DecodedMessage[],
  anteCtx: ExecutionContext,
  blockGas: GasMeter | undefined,
  gasWanted: bigint,
): TxOutcome {
  const { gas } = anteCtx;
  let events = anteCtx.events;
  const responses: MessageResponse[] = [];
  const refused = refusal(() =>
    anteCtx.attempt(() => {
      for (let index = 0; index < messages.length; index++) {
        const ctx = anteCtx.sibling();
        responses.push(runMessage(messages[index]!, ctx, index));
        events = events.concat(messageEvents(messages[index]!, ctx.events, index));
      }
      spendBlockGas(blockGas, gas);
    }),
  );
  if (refused === undefined) {
    const data = encodeResponses(responses);
    return { ...succeeded(data, gasWanted, gas.consumed), events };
  }
  return { ...refusedOutcome(refused, gasWanted, gas.consumed), events: anteCtx.events, refusedByAnte: false };
}

/** By type URL: what one message answers that answers nothing, which most do. */
const emptyResponses = new Map<string, Uint8Array>();

/** TxMsgData. The bytes may be shared: nobody writes to them. */
function encodeResponses(responses: readonly MessageResponse[]): Uint8Array {
  const [only] = responses;
  const isPlain = responses.length === 1 && only!.value.length === 0;
  const known = isPlain ? emptyResponses.get(only!.typeUrl) : undefined;
  if (known !== undefined) return known;
  const data = messageData.encode({ data: [], msgResponses: [...responses] });
  if (isPlain) emptyResponses.set(only!.typeUrl, data);
  return data;
}

/** A response type's URL is made once. */
const responseUrls = new Map<string, string>();

function responseUrl(typeName: string): string {
  const known = responseUrls.get(typeName);
  if (known !== undefined) return known;
  const url = `/${typeName}`;
  responseUrls.set(typeName, url);
  return url;
}

function runMessage(message: DecodedMessage, ctx: Context, index: number): MessageResponse {
  const { handler } = message;
  try {
    const response = handler.execute(ctx, message.value);
    return { typeUrl: responseUrl(handler.response.typeName), value: handler.response.encode(response) };
  } catch (error) {
    throw error instanceof ChainError ? atMessage(error, index) : error;
  }
}

/** The SDK names the message that failed, but not where gas ran out, which has no message of its own. */
function atMessage(error: ChainError, index: number): ChainError {
  if (error.codespace === "sdk" && error.code === 11) return error;
  return new ChainError(
    error.codespace,
    error.code,
    `failed to execute message; message index: ${index}: ${error.message}`,
  );
}

/** Shared by all events of messages at one place. */
const positions: EventAttribute[] = [];

function positionOf(index: number): EventAttribute {
  positions[index] ??= { key: "msg_index", value: String(index), index: true };
  return positions[index];
}

/** By type URL, of the messages that this chain has. */
const moduleNames = new Map<string, string | undefined>();

function moduleNameOf(typeUrl: string): string | undefined {
  if (!moduleNames.has(typeUrl)) moduleNames.set(typeUrl, typeUrl.split(".")[1]);
  return moduleNames.get(typeUrl);
}

function namesModule(events: readonly ChainEvent[]): boolean {
  for (const { attributes } of events) for (const { key } of attributes) if (key === "module") return true;
  return false;
}

/** The SDK's "message" event first (action, sender, module), then the handler's own, each with the message's index. */
function messageEvents(message: DecodedMessage, emitted: readonly ChainEvent[], index: number): ChainEvent[] {
  const attributes: EventAttribute[] = [{ key: "action", value: message.typeUrl, index: true }];
  const sender = message.handler.signers(message.value)[0];
  if (sender !== undefined) attributes.push({ key: "sender", value: sender, index: true });
  const moduleName = namesModule(emitted) ? undefined : moduleNameOf(message.typeUrl);
  if (moduleName !== undefined) attributes.push({ key: "module", value: moduleName, index: true });
  const position = positionOf(index);
  const events = [placed("message", attributes, position)];
  for (const event of emitted) events.push(placed(event.type, event.attributes, position));
  return events;
}

/** The list is made of the very length: one that grows has room to spare, and a block keeps tens of thousands. */
function placed(type: string, attributes: readonly EventAttribute[], position: EventAttribute): ChainEvent {
  const { length } = attributes;
  const list = new Array<EventAttribute>(length + 1);
  for (let i = 0; i < length; i++) list[i] = attributes[i]!;
  list[length] = position;
  return { type, attributes: list };
}
