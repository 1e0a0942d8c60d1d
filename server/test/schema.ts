/** The part of JSON Schema 2020-12 that the API's description uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  anyOf?: Schema[];
}

const ANNOTATIONS = ["description", "title", "examples"];
const KEYWORDS = new Set([
  ...ANNOTATIONS,
  ...["$ref", "type", "const", "enum", "required", "properties", "additionalProperties"],
  ...["items", "prefixItems", "minItems", "maxItems", "maxLength", "anyOf"],
]);

/**
 * Checks `value` against `schema`; `$ref` is looked up in `schemas` by its last segment.
 *
 * @returns what is wrong, each with the path to it; nothing when all is well
 */
export function violations(
  value: unknown,
  schema: Schema,
  schemas: Record<string, Schema>,
  path = "$",
): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) throw new Error(`This validator does not know ${unknown}.`);
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.split("/").pop() ?? ""];
    if (target === undefined) throw new Error(`${schema.$ref} leads nowhere.`);
    return violations(value, target, schemas, path);
  }
  const wrong: string[] = [];
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isA(value, type))) {
    return [`${path} is not ${schema.type}: ${JSON.stringify(value)}`];
  }
  if ("const" in schema && value !== schema.const) wrong.push(`${path} is not ${schema.const}`);
  if (schema.enum && !schema.enum.includes(value)) wrong.push(`${path} is not in ${schema.enum}`);
  if (schema.anyOf) {
    const each = schema.anyOf.map((option) => violations(value, option, schemas, path));
    if (each.every((list) => list.length > 0)) wrong.push(...each.flat());
  }
  if (typeof value === "string" && value.length > (schema.maxLength ?? value.length)) {
    wrong.push(`${path} is too long`);
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) wrong.push(`${path} has too few items`);
    if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
      wrong.push(`${path} has too many items`);
    }
    const { items, prefixItems = [] } = schema;
    wrong.push(
      ...prefixItems
        .slice(0, value.length)
        .flatMap((item, i) => violations(value[i], item, schemas, `${path}[${i}]`)),
    );
    if (items) {
      wrong.push(...value.flatMap((item, i) => violations(item, items, schemas, `${path}[${i}]`)));
    }
  } else if (typeof value === "object" && value !== null) {
    const members = new Map(Object.entries(value));
    for (const name of schema.required ?? []) {
      if (!members.has(name)) wrong.push(`${path} has no ${name}`);
    }
    for (const [name, member] of members) {
      const inner = schema.properties?.[name] ?? schema.additionalProperties;
      if (inner === false) wrong.push(`${path} may not have ${name}`);
      else if (typeof inner === "object")
        wrong.push(...violations(member, inner, schemas, `${path}.${name}`));
    }
  }
  return wrong;
}

function isA(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  return typeof value === type;
}
