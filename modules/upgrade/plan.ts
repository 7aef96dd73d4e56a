/** What a plan may be. Pure: the chain's height and past are looked at in keeper.ts. */
import { sdk } from "../../chain/errors.ts";
import type { Plan } from "../../proto/gen/cosmos/upgrade/v1beta1/upgrade.ts";

/** A name becomes a folder's, in cosmovisor. */
export const nameLengthMax = 128;
/** Links to binaries and their checksums, one for each platform. */
export const infoLengthMax = 10_000;

/** Go's zero time, as protobuf has it. */
const goZeroSeconds = -62_135_596_800n;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a name must not have
const unprintable = /[\u0000-\u001f\u007f"\\/]/;

/** In the order and words of the SDK; the bounds come after. */
export function checkPlan(plan: Plan | undefined): Plan {
  const { time, upgradedClientState, name = "", height = 0n, info = "" } = plan ?? {};
  if (time !== undefined && (time.seconds !== goZeroSeconds || time.nanos !== 0)) {
    throw sdk.invalidRequest("time-based upgrades have been deprecated in the SDK");
  }
  if (upgradedClientState !== undefined)
    throw sdk.invalidRequest("upgrade logic for IBC has been moved to the IBC module");
  if (name === "") throw sdk.invalidRequest("name cannot be empty");
  if (height <= 0n) throw sdk.invalidRequest("height must be greater than 0");
  if (name.length > nameLengthMax) {
    throw sdk.invalidRequest(`the name has ${name.length} characters, expected at most ${nameLengthMax}`);
  }
  if (unprintable.test(name)) {
    throw sdk.invalidRequest("the name has a quote, a slash or a control character: it becomes a folder's name");
  }
  if (info.length > infoLengthMax) {
    throw sdk.invalidRequest(`the info has ${info.length} characters, expected at most ${infoLengthMax}`);
  }
  return { name, height, info, time: { seconds: goZeroSeconds, nanos: 0 }, upgradedClientState: undefined };
}
