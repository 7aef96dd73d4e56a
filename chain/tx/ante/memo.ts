/** Second step: the memo's length in bytes. */
import { sdk } from "../../errors.ts";
import { utf8Length } from "../../utf8.ts";
import type { AnteRun } from "./run.ts";

export function checkMemo({ tx, params }: AnteRun): void {
  const { memo } = tx.body;
  if (memo === "") return;
  const length = utf8Length(memo);
  if (BigInt(length) > params.maxMemoCharacters)
    throw sdk.memoTooLarge(
      `maximum number of characters is ${params.maxMemoCharacters} but received ${length} characters`,
    );
}
