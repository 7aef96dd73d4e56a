/** Evidence's errors, with the numbers and texts of cosmossdk.io/x/evidence/types/errors.go: they are for ever. */
import { ChainError } from "../../chain/errors.ts";

const evidence = (code: number, text: string, detail: string) => new ChainError("evidence", code, `${detail}: ${text}`);

export const noHandler = (route: string) => evidence(2, "unregistered handler for evidence type", route);
export const invalidEvidence = (detail: string) => evidence(3, "invalid evidence", detail);
export const evidenceExists = (hash: string) => evidence(5, "evidence already exists", hash);
