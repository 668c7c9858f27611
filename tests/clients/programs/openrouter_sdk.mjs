// What npm `@openrouter/sdk` makes of a server; the question comes as JSON in ASKED.
import { OpenRouter } from "@openrouter/sdk";

const asked = JSON.parse(process.env.ASKED);
const clientOf = (apiKey) => new OpenRouter({ apiKey, serverURL: `${asked.url}/api/v1`, retryConfig: { strategy: "none" } });

async function every(listing) {
  const found = { ids: [], prices: [], pages: 0 };
  for await (const page of await listing) {
    found.ids.push(...page.result.data.map((model) => model.id));
    found.prices.push(...page.result.data.map((model) => model.pricing.prompt));
    found.pages += 1;
    found.total = page.result.totalCount;
  }
  return found;
}

const client = clientOf(asked.token);
const filters = Object.fromEntries(
  Object.entries(asked.filters).map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]),
);
const seen = {
  plain: await every(client.models.list()),
  paged: await every(client.models.list({ limit: asked.limit, outputModalities: "all" })),
  asked: await every(client.models.list(filters)),
  count: (await client.models.count()).data.count,
  count_of_all: (await client.models.count({ outputModalities: "all" })).data.count,
  user: await every(client.models.listForUser({ bearer: asked.token })),
  got: {},
  refused: {},
};
for (const model of asked.get) {
  const [author, ...slug] = model.split("/");
  seen.got[model] = (await client.models.get({ author, slug: slug.join("/") })).data.id;
}
const refusals = {
  unknown: () => client.models.get({ author: "nobody", slug: "has/this" }),
  unanswered: () => client.models.list({ sort: "most-popular" }),
  endpoints: () => client.endpoints.list({ author: "nobody", slug: "this" }),
  stranger: () => clientOf(`wrong-${asked.token}`).models.list(),
};
for (const [name, ask] of Object.entries(refusals)) {
  try {
    await ask();
  } catch (refusal) {
    seen.refused[name] = [refusal.name, refusal.statusCode, refusal.message];
  }
}
process.stdout.write(JSON.stringify(seen));
