// The clients, each as a function that calls the server at a URL and returns what it got back. They
// run in a page of another origin.
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf"
import {
  FileDescriptorProtoSchema, Int32ValueSchema, StringValueSchema,
  file_google_protobuf_empty, file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt"
import { createClient } from "@connectrpc/connect"
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web"
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from "@modelcontextprotocol/client"
import grpcWeb from "grpc-web"

// What protoc would generate for items.v1.ItemService.
const files = {
  "google/protobuf/empty.proto": file_google_protobuf_empty,
  "google/protobuf/wrappers.proto": file_google_protobuf_wrappers,
}
const empty = ".google.protobuf.Empty", int = ".google.protobuf.Int32Value", string = ".google.protobuf.StringValue"
const ItemService = createFileRegistry(create(FileDescriptorProtoSchema, {
  name: "items/v1/items.proto",
  package: "items.v1",
  syntax: "proto3",
  dependency: Object.keys(files),
  service: [{
    name: "ItemService",
    method: [
      { name: "CountItems", inputType: empty, outputType: int, options: { idempotencyLevel: 1 } },
      { name: "GetItem", inputType: string, outputType: string },
      { name: "ListItems", inputType: empty, outputType: string, serverStreaming: true },
    ],
  }],
}), name => files[name]).getService("items.v1.ItemService")

// attempt returns what a call returned, or the error's fields that the client reads from headers.
async function attempt(call) {
  try {
    return await call()
  } catch (e) {
    const details = e.findDetails?.(StringValueSchema).map(d => d.value) ?? e.metadata?.["grpc-status-details-bin"]
    return `error ${e.code}: ${e.rawMessage ?? e.message}, details ${details}`
  }
}

async function callItems(transport) {
  const client = createClient(ItemService, transport)
  const options = { timeoutMs: 20000 }
  return [
    await attempt(async () => (await client.countItems({}, options)).value),
    await attempt(async () => (await client.getItem({ value: "milk" }, options)).value),
    await attempt(async () => {
      const names = []
      for await (const item of client.listItems({}, options)) names.push(item.value)
      return names.join(" ")
    }),
  ]
}

export const connect = url => callItems(createConnectTransport({ baseUrl: url }))

// connectGet sends what has no side effects as GET.
export async function connectGet(url) {
  const client = createClient(ItemService, createConnectTransport({ baseUrl: url, useHttpGet: true }))
  return [await attempt(async () => (await client.countItems({})).value)]
}

export const connectGrpcWeb = url => callItems(createGrpcWebTransport({ baseUrl: url }))

export async function googleGrpcWeb(url) {
  const client = new grpcWeb.GrpcWebClientBase({ format: "binary" })
  const call = (method, input, output, request) => attempt(async () => {
    const descriptor = new grpcWeb.MethodDescriptor(
      method, grpcWeb.MethodType.UNARY, Object, Object,
      message => message, bytes => fromBinary(output, bytes),
    )
    const deadline = String(Date.now() + 20000)
    return (await client.unaryCall(url + method, request, { deadline }, descriptor)).value
  })
  const milk = toBinary(StringValueSchema, create(StringValueSchema, { value: "milk" }))
  return [
    await call("/items.v1.ItemService/CountItems", null, Int32ValueSchema, new Uint8Array()),
    await call("/items.v1.ItemService/GetItem", null, StringValueSchema, milk),
  ]
}

// signIn returns whether a client without a token finds where it can get one.
async function signIn(Client, Transport, url, options) {
  const asked = []
  const authProvider = {
    redirectUrl: location.origin + "/callback",
    clientMetadata: { redirect_uris: [location.origin + "/callback"] },
    tokens: () => undefined,
    clientInformation: () => ({ client_id: "page" }),
    saveCodeVerifier() {},
    redirectToAuthorization() {},
  }
  const recording = (target, init) => {
    asked.push(new URL(target).pathname)
    return fetch(target, init)
  }
  const client = new Client({ name: "page", version: "1" }, options)
  const transport = new Transport(new URL(url), { authProvider, fetch: recording })
  await client.connect(transport).catch(() => {})
  return asked.includes("/where/to/sign-in") ? "sign in" : "lost"
}

// callTools uses what the version of the protocol has: sessions and resumption, or neither.
async function callTools(Client, Transport, url, options) {
  const client = new Client({ name: "page", version: "1" }, options)
  const transport = new Transport(new URL(url), { requestInit: { headers: { Authorization: "Bearer ada" } } })
  const got = []
  const step = async (name, run) => {
    try {
      got.push(`${name}: ${await run()}`)
    } catch (e) {
      got.push(`${name}: failed`)
      throw e
    }
  }
  try {
    await step("connect", async () => {
      await client.connect(transport)
      return transport.protocolVersion
    })
    await step("tools", async () => (await client.listTools()).tools.map(t => t.name).join(" "))
    let token
    const onresumptiontoken = t => { token = t }
    await step("call", async () => {
      const tool = { name: "count", arguments: { list: "food" } }
      const result = await (Client == ClientV1
        ? client.callTool(tool, undefined, { onresumptiontoken })
        : client.callTool(tool, { onresumptiontoken }))
      return result.content[0].text
    })
    if (token) await step("resume", () => transport.resumeStream(token))
    if (transport.sessionId) await step("terminate", () => transport.terminateSession())
  } catch (e) {
    got.push(String(e).split("\n")[0])
  }
  await client.close().catch(() => {})
  return got
}

const mcp = (Client, Transport, path, options) => async url => [
  await signIn(Client, Transport, url + path, options),
  ...await callTools(Client, Transport, url + path, options),
]
export const mcpV1 = mcp(ClientV1, TransportV1, "/mcp/sessions")
export const mcpV2 = mcp(ClientV2, TransportV2, "/mcp/sessions")
export const mcpV2Sessionless = mcp(ClientV2, TransportV2, "/mcp/sessionless", {
  versionNegotiation: { mode: { pin: "2026-07-28" } },
})
export const mcpV2Auto = mcp(ClientV2, TransportV2, "/mcp/sessionless", { versionNegotiation: { mode: "auto" } })
