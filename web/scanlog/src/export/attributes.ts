/** The attributes that a logbook asks for: what is given to them, and what is missing. */

import { fieldsOf, type Json } from "../catalogue/client";

export type AttributeKind = "text" | "number" | "boolean" | "option" | "multioption";

export interface Attribute {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly options: readonly string[];
}

/** What stands in the form, by name; several options are a list. */
export type Given = Readonly<Record<string, string | readonly string[]>>;

const KINDS: readonly AttributeKind[] = ["text", "number", "boolean", "option", "multioption"];

export function attributesFrom(body: Json | undefined): Attribute[] {
  if (!Array.isArray(body)) return [];
  return body.flatMap((one) => {
    const { name, type, required, options } = fieldsOf(one);
    if (typeof name !== "string") return [];
    const kind = KINDS.find((other) => other === type) ?? "text";
    const texts = Array.isArray(options) ? options.filter((other) => typeof other === "string") : [];
    return [{ name, kind, required: required === true, options: texts }];
  });
}

/** Return what is sent: only what was given, and fits. */
export function toSend(attributes: readonly Attribute[], given: Given): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const one of attributes) {
    const value = sentOf(one, given[one.name]);
    if (value !== null) found[one.name] = value;
  }
  return found;
}

export function missing(attributes: readonly Attribute[], given: Given): string[] {
  return attributes
    .filter((one) => one.required && sentOf(one, given[one.name]) === null)
    .map((one) => one.name);
}

function sentOf({ kind, options }: Attribute, given: string | readonly string[] | undefined): Json {
  if (kind === "multioption") {
    const chosen = typeof given === "object" ? given.filter((one) => options.includes(one)) : [];
    return chosen.length > 0 ? chosen : null;
  }
  const text = typeof given === "string" ? given.trim() : "";
  if (kind === "boolean") return text === "yes";
  if (text === "") return null;
  if (kind === "number") return Number.isFinite(Number(text)) ? Number(text) : null;
  return kind === "option" && !options.includes(text) ? null : text;
}
