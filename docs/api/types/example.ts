// A program against these types, compiled and never run: what it says of the calls has to be what the documents say.
import type { components, paths } from "./broker";

type Schemas = components["schemas"];
/** The body of a call's good answer. */
type Answer<Path extends keyof paths, Method extends "get" | "post"> = paths[Path][Method] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

/** A caller that signs each call: DPoP proofs are the program's own business. */
type Call = (method: "GET" | "POST", path: string, body?: unknown) => Promise<unknown>;

/** Requests that wait for whoever calls, each with how long it may last. */
export async function inbox(call: Call): Promise<[digest: string, seconds: number][]> {
  const list: Schemas["RequestList"] = "inbox";
  const requests = (await call("GET", `/v1/requests?view=${list}`)) as Answer<"/v1/requests", "get">;
  return requests.filter((one) => one.state === "waiting").map((one) => [one.id, one.duration_seconds]);
}

/** Hands a signed request in. */
export async function ask(call: Call, statement: string): Promise<Schemas["RequestView"]> {
  const body: Schemas["SignedStatement"] = { statement };
  return (await call("POST", "/v1/requests", body)) as Answer<"/v1/requests", "post">;
}

// What is not in the documents does not compile.
// @ts-expect-error no such list
export const noList: Schemas["RequestList"] = "everything";
// @ts-expect-error nothing opens without a statement
export const noStatement: Schemas["SignedStatement"] = {};
// @ts-expect-error no such call
export type NoCall = paths["/v1/open"];
