/** What to do about an engine that refuses to run, by what it said. Owns the words; the engine's own follow them. */

const advice: readonly (readonly [said: RegExp, advice: string])[] = [
  [
    /app block height \(\d+\) is higher than core \(\d+\)/,
    "the application is ahead of CometBFT's blocks: the two are not of one copy, or CometBFT's data was lost. Put the data/ folder " +
      "back from one backup; or take the application back with `weir rollback --blocks N`; or begin anew from the network with " +
      "`weir comet unsafe-reset-all` and `weir start --state-sync-rpc URL,URL`",
  ],
  [
    /app block height \(\d+\) is too far below block store base \(\d+\)/,
    "CometBFT has cut the blocks that the application still needs: restore a newer snapshot with `weir snapshots restore HEIGHT`, or " +
      "begin anew with `weir comet unsafe-reset-all` and `weir start --state-sync-rpc URL,URL`",
  ],
  [
    /AppHash does not match AppHash after replay|wrong Block\.Header\.AppHash/,
    "the application computes another state than the chain has: run the version that this height was made with, or restore data/ from " +
      "a backup. After a defect of this program, `weir rollback` and the version that mends it",
  ],
  [
    /CONSENSUS FAILURE/,
    "CometBFT cannot take what was decided: what it says is below. If the application refused or computed something else, run the version " +
      "that this height was made with, or `weir rollback` and the version that mends it",
  ],
  [
    /State sync failed/,
    "the network could not be joined by state sync; what CometBFT says is below. Most often the trusted block is too old, or none of " +
      "the RPC servers can be reached: start again, so that it is looked up anew",
  ],
  [
    /address already in use/,
    "an address of config.toml is taken by another process: stop that one, or change laddr in [rpc] or [p2p]",
  ],
  [
    /resource temporarily unavailable|could not acquire lock|is in use by another process/i,
    "another cometbft runs on this home: stop that one first",
  ],
];

export const explainComet = (said: string): string | undefined => advice.find(([pattern]) => pattern.test(said))?.[1];
