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

export interface Answer {
  readonly body: Json;
}

export interface Asked {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** How long a request may take: a dataset of 8 MB needs some seconds. */
export const PATIENCE = 30_000;

export const ENDED = "The log-in has ended; log in again.";

export class Catalogue {
  readonly #token: string | null;
  readonly #onEnded: () => void;
  readonly #base = "api/v3";

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
      return await this.#asked(path, asked);
    } catch (error) {
      if (this.anonymous || !(error instanceof CatalogueError)) throw error;
      const dead = error.trouble === "login" || (error.trouble === "forbidden" && (await this.#isDead()));
      if (!dead) throw error;
      this.#onEnded();
      throw new CatalogueError("login", ENDED);
    }
  }

  async #isDead(): Promise<boolean> {
    const answer = await this.#asked("/auth/whoami", {}).catch(() => null);
    return answer !== null && answer.body === null;
  }

  async #asked(path: string, { method = "GET", body, headers = {}, signal }: Asked): Promise<Answer> {
    const limit = AbortSignal.timeout(PATIENCE);
    const request: RequestInit = {
      method,
      cache: "no-store",
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const { response, text } = await sent(`${this.#base}${path}`, request, signal);
    if (!response.ok) throw refusal(response.status, text);
    return { body: parsed(text, path) };
  }
}

async function sent(address: string, request: RequestInit, signal: AbortSignal | undefined) {
  try {
    const response = await fetch(address, request);
    heard(response);
    return { response, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const what = late ? `no answer within ${PATIENCE / 1000} s` : "no connection";
    throw new CatalogueError("away", `SciCat cannot be reached: ${what}`);
  }
}

/** SciCat answers with an empty body where there is nothing. */
function parsed(text: string, path: string): Json {
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CatalogueError(
      "server",
      `what answers at ${path.split("?")[0]} is not SciCat: it sent no JSON`,
    );
  }
}

export function refusal(status: number, text: string): CatalogueError {
  const said = messageOf(text);
  const told = said === "" ? "" : `: ${said}`;
  if (status === 401) return new CatalogueError("login", `You are not logged in${told}`);
  if (status === 403) return new CatalogueError("forbidden", `You may not do this${told}`);
  if (status === 404) return new CatalogueError("missing", `It is not in the catalogue${told}`);
  if (status === 409 || status === 412)
    return new CatalogueError("changed", `It was changed meanwhile${told}`);
  if (status === 502 || status === 503 || status === 504)
    return new CatalogueError("away", `SciCat cannot be reached${told}`);
  if (status >= 500) return new CatalogueError("server", `SciCat failed (${status})${told}`);
  return new CatalogueError("refused", `SciCat refuses this (${status})${told}`);
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    const lines = Array.isArray(message) ? message : [message];
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
