/** An answer as a frame, ready to be sent. */
import { type Response, Response as ResponseMessage } from "../../proto/gen/tendermint/abci/types.ts";
import { frameOf } from "./framing.ts";

export const encodeResponse = (response: Response): Uint8Array => frameOf(ResponseMessage.encode(response).finish());
