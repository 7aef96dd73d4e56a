/** The application's part of genesis.json, as it comes with InitChain. */
export function parseAppState(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  const parsed: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Error("app_state must be a JSON object, one entry a module");
  return parsed as Readonly<Record<string, unknown>>;
}
