/** Evidence's queries, refused in the words and with the statuses of cosmossdk.io/x/evidence/keeper/grpc_query.go. */
import { QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import * as proto from "../../proto/gen/cosmos/evidence/v1beta1/query.ts";
import { evidences } from "./state.ts";

/** A hash has 64 digits; what is longer is not looked at. */
const hashTextMax = 1_024;

const invalidHash = (detail: string) => sdk.invalidRequest(`invalid evidence hash: ${detail}`);

/** A byte as Go's %#U writes the character of its number. */
function shownByte(byte: number): string {
  const code = `U+${byte.toString(16).toUpperCase().padStart(4, "0")}`;
  const isPrinted = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  return isPrinted ? `${code} '${String.fromCharCode(byte)}'` : code;
}

const isHexDigit = (byte: number): boolean => /[0-9a-fA-F]/.test(String.fromCharCode(byte));

/** In the words of Go's hex.DecodeString. */
function bytesOf(hash: string): Uint8Array {
  if (hash.length > hashTextMax) throw invalidHash(`${hash.length} digits, expected 64`);
  const stranger = encodeUtf8(hash).find((byte) => !isHexDigit(byte));
  if (stranger !== undefined) throw invalidHash(`encoding/hex: invalid byte: ${shownByte(stranger)}`);
  if (hash.length % 2 !== 0) throw invalidHash("encoding/hex: odd length hex string");
  return Uint8Array.from({ length: hash.length / 2 }, (_, at) => Number.parseInt(hash.slice(2 * at, 2 * at + 2), 16));
}

export const queries = {
  "/cosmos.evidence.v1beta1.Query/Evidence": query(
    proto.QueryEvidenceRequest,
    proto.QueryEvidenceResponse,
    (ctx, { hash }) => {
      if (hash === "") throw new QueryError("InvalidArgument", "invalid request; hash is empty");
      const evidence = evidences.get(ctx, bytesOf(hash));
      if (evidence === undefined) throw new QueryError("NotFound", `evidence ${hash} not found`);
      return { evidence };
    },
  ),

  "/cosmos.evidence.v1beta1.Query/AllEvidence": query(
    proto.QueryAllEvidenceRequest,
    proto.QueryAllEvidenceResponse,
    (ctx, { pagination }) => {
      try {
        const page = paginate(ctx, evidences, pagination, (_hash, evidence) => evidence);
        return { evidence: page.items, pagination: page.pagination };
      } catch (error) {
        if (error instanceof PageError) throw sdk.invalidRequest(error.message);
        throw error;
      }
    },
  ),
};
