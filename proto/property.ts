/** What ts-proto calls a field. Apart from schema.ts, because the generator needs it before there is generated code. */
import type { FieldSchema } from "./schema.ts";

/** The property in the generated TypeScript, which does not follow json_name. */
export const propertyOf = ({ json, name }: FieldSchema): string =>
  json.includes("_") ? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : json;
