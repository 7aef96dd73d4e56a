/** The page at `/`: every endpoint as a link, in CometBFT's order and words. */
import type { ParamSpec } from "./rpc-params.ts";

export function listOfEndpoints(host: string, methods: Iterable<readonly [name: string, params: ParamSpec]>): string {
  const links = [...methods]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, params]) => {
      const names = Object.keys(params).map((param) => `${param}=_`);
      const link = `//${escapeHtml(host)}/${name}?${names.join("&")}`;
      return `<a href="${link}">${link}</a></br>`;
    });
  const heads = "<br>Available endpoints:<br><br>Endpoints that require arguments:<br>";
  return `<html><body>${heads}${links.join("")}</body></html>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
