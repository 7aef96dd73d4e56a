/** Errors of JSON-RPC 2.0 with CometBFT's codes and texts. */

/** A refusal whose text is for the client; anything else that is thrown is a defect and shows as "internal". */
export class RpcError extends Error {}

export interface RpcFault {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

export const faults = {
  parse: (data: string): RpcFault => ({ code: -32700, message: "Parse error. Invalid JSON", data }),
  invalidRequest: (data: string): RpcFault => ({ code: -32600, message: "Invalid Request", data }),
  methodNotFound: (): RpcFault => ({ code: -32601, message: "Method not found" }),
  invalidParams: (data: string): RpcFault => ({ code: -32602, message: "Invalid params", data }),
  server: (data: string): RpcFault => ({ code: -32000, message: "Server error", data }),
  internal: (data: string): RpcFault => ({ code: -32603, message: "Internal error", data }),
} as const;
