/** Requests to SciCat: who asks, and what went wrong in plain words. */

import { heard } from "./clock";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = { [name: string]: Json };

export type Trouble =
  | "away" // no answer: the network, or the server
  | "login" // the log-in has ended
  | "forbidden"
  | "missing"
  | "changed" // by somebody else meanwhile
  | "refused" // SciCat does not accept what was sent
  | "server";

export class CatalogueError extends Error {
  override readonly name = "CatalogueError";
  readonly trouble: Trouble;
  constructor(trouble: Trouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** What is said of an error, whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface Answer {
  readonly body: Json;
}

export interface Asked {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** How long a request may take: a dataset of 8 MB needs some seconds. */
export const PATIENCE = 30_000;

export const ENDED = "The log-in has ended; log in again.";

/** A server below this page's address, and what it is called when it fails. */
export interface Server {
  readonly base: string;
  readonly name: string;
}

const SCICAT: Server = { base: "api/v3", name: "SciCat" };

export class Catalogue {
  readonly #token: string | null;
  readonly #onEnded: () => void;

  /** `onEnded` is called when SciCat does not know the token any more. */
  constructor(token: string | null, onEnded: () => void = () => undefined) {
    this.#token = token;
    this.#onEnded = onEnded;
  }

  get anonymous(): boolean {
    return this.#token === null;
  }

  /** Ask SciCat. It answers 403 to a dead token too: whether it is dead is asked before that is believed. */
  async ask(path: string, asked: Asked = {}): Promise<Answer> {
    try {
      return await askServer(SCICAT, path, asked, this.#token);
    } catch (error) {
      if (this.anonymous || !(error instanceof CatalogueError)) throw error;
      const dead = error.trouble === "login" || (error.trouble === "forbidden" && (await this.#isDead()));
      if (!dead) throw error;
      this.#onEnded();
      throw new CatalogueError("login", ENDED);
    }
  }

  async #isDead(): Promise<boolean> {
    const answer = await askServer(SCICAT, "/auth/whoami", {}, this.#token).catch(() => null);
    return answer !== null && answer.body === null;
  }
}

/** Ask once. Raises CatalogueError. */
export async function askServer(
  server: Server,
  path: string,
  { method = "GET", body, headers = {}, signal }: Asked,
  token: string | null,
): Promise<Answer> {
  const limit = AbortSignal.timeout(PATIENCE);
  const request: RequestInit = {
    method,
    cache: "no-store",
    credentials: "omit",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { response, text } = await sent(server, path, request, signal);
  if (!response.ok) throw refusal(response.status, text, server.name);
  return { body: parsed(text, path, server.name) };
}

async function sent(
  { base, name }: Server,
  path: string,
  request: RequestInit,
  signal: AbortSignal | undefined,
) {
  try {
    const response = await fetch(`${base}${path}`, request);
    heard(response);
    return { response, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const what = late ? `no answer within ${PATIENCE / 1000} s` : "no connection";
    throw new CatalogueError("away", `${name} cannot be reached: ${what}`);
  }
}

/** SciCat answers with an empty body where there is nothing. */
function parsed(text: string, path: string, name: string): Json {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CatalogueError(
      "server",
      `${name} sent no JSON for ${path.split("?")[0]}; is it another server?`,
    );
  }
}

export function refusal(status: number, text: string, name = SCICAT.name): CatalogueError {
  const said = messageOf(text);
  const told = said === "" ? "" : `: ${said}`;
  if (status === 401) return new CatalogueError("login", `You are not logged in${told}`);
  if (status === 403) return new CatalogueError("forbidden", `You may not do this${told}`);
  if (status === 404) return new CatalogueError("missing", `${name} does not have it${told}`);
  if (status === 409 || status === 412)
    return new CatalogueError("changed", `It was changed meanwhile${told}`);
  if (status === 502 || status === 503 || status === 504)
    return new CatalogueError("away", `${name} cannot be reached${told}`);
  if (status >= 500) return new CatalogueError("server", `${name} failed (${status})${told}`);
  return new CatalogueError("refused", `${name} refuses this (${status})${told}`);
}

function messageOf(text: string): string {
  try {
    const { message, messages } = JSON.parse(text) as { message?: unknown; messages?: object };
    // Elogy tells by field what is wrong.
    const lines = [message, ...Object.values(messages ?? {})].flat();
    return lines
      .filter((one) => typeof one === "string")
      .join("; ")
      .slice(0, 300);
  } catch {
    return "";
  }
}

export function fieldsOf(value: Json | undefined): Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
