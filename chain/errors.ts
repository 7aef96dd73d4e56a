/** Errors that a transaction or query may end with. Owns the shape and the SDK's codes; each module owns its own codes. */

/** Rejects a transaction or query. Anything else that is thrown is a defect and is handled by the rule in ARCHITECTURE.md. */
export class ChainError extends Error {
  readonly codespace: string;
  readonly code: number;

  constructor(codespace: string, code: number, message: string) {
    super(message);
    this.name = "ChainError";
    this.codespace = codespace;
    this.code = code;
  }
}

/** Wraps as the SDK's errors.Wrap does: "what went wrong: the error's registered text". Clients parse these texts. */
const sdkError = (code: number, text: string) => (detail?: string) =>
  new ChainError("sdk", code, detail === undefined ? text : `${detail}: ${text}`);

/** The root codespace of cosmos-sdk v0.53 (types/errors/errors.go): numbers and texts are a contract with every client. */
export const sdk = {
  txDecode: sdkError(2, "tx parse error"),
  invalidSequence: sdkError(3, "invalid sequence"),
  unauthorized: sdkError(4, "unauthorized"),
  insufficientFunds: sdkError(5, "insufficient funds"),
  unknownRequest: sdkError(6, "unknown request"),
  invalidAddress: sdkError(7, "invalid address"),
  invalidPubKey: sdkError(8, "invalid pubkey"),
  unknownAddress: sdkError(9, "unknown address"),
  invalidCoins: sdkError(10, "invalid coins"),
  outOfGas: sdkError(11, "out of gas"),
  memoTooLarge: sdkError(12, "memo too large"),
  insufficientFee: sdkError(13, "insufficient fee"),
  tooManySignatures: sdkError(14, "maximum number of signatures exceeded"),
  noSignatures: sdkError(15, "no signatures supplied"),
  jsonMarshal: sdkError(16, "failed to marshal JSON bytes"),
  jsonUnmarshal: sdkError(17, "failed to unmarshal JSON bytes"),
  invalidRequest: sdkError(18, "invalid request"),
  txInMempoolCache: sdkError(19, "tx already in mempool"),
  mempoolIsFull: sdkError(20, "mempool is full"),
  txTooLarge: sdkError(21, "tx too large"),
  keyNotFound: sdkError(22, "key not found"),
  wrongPassword: sdkError(23, "invalid account password"),
  invalidSigner: sdkError(24, "tx intended signer does not match the given signer"),
  invalidGasAdjustment: sdkError(25, "invalid gas adjustment"),
  invalidHeight: sdkError(26, "invalid height"),
  invalidVersion: sdkError(27, "invalid version"),
  invalidChainId: sdkError(28, "invalid chain-id"),
  invalidType: sdkError(29, "invalid type"),
  txTimeoutHeight: sdkError(30, "tx timeout height"),
  unknownExtensionOptions: sdkError(31, "unknown extension options"),
  wrongSequence: sdkError(32, "incorrect account sequence"),
  packAny: sdkError(33, "failed packing protobuf message to Any"),
  unpackAny: sdkError(34, "failed unpacking protobuf message from Any"),
  logic: sdkError(35, "internal logic error"),
  conflict: sdkError(36, "conflict"),
  notSupported: sdkError(37, "feature not supported"),
  notFound: sdkError(38, "not found"),
  io: sdkError(39, "Internal IO error"),
  appConfig: sdkError(40, "error in app.toml"),
  invalidGasLimit: sdkError(41, "invalid gas limit"),
  txTimeout: sdkError(42, "tx timeout"),
} as const;

/** What a defect looks like from outside: the SDK's internal error, codespace "sdk", code 1, without a stack. */
export const internalError = () => new ChainError("sdk", 1, "internal");

/** What the SDK refuses by an error that it never registered: ABCI shows those under this codespace and code, text as it is. */
export const unregistered = (text: string) => new ChainError("undefined", 1, text);

/** gRPC status codes as the SDK's queries use them; the text is `rpc error: code = NotFound desc = …`. */
export const grpcCodes = {
  Unknown: 2,
  InvalidArgument: 3,
  NotFound: 5,
  FailedPrecondition: 9,
  Unimplemented: 12,
  Internal: 13,
} as const;

/**
 * A query's refusal. ABCI answers it as the SDK does (sdk 38 not found → "NotFound", 18 → "InvalidArgument"…); a REST or gRPC host
 * needs the status itself, so it is kept.
 */
export class QueryError extends Error {
  readonly status: keyof typeof grpcCodes;

  constructor(status: keyof typeof grpcCodes, message: string) {
    super(message);
    this.name = "QueryError";
    this.status = status;
  }
}
