// What npm `openai` makes of a server; the question comes as JSON in ASKED.
import OpenAI from "openai";

const asked = JSON.parse(process.env.ASKED);
const clientOf = (apiKey) => new OpenAI({ apiKey, baseURL: `${asked.url}/v1`, maxRetries: 0 });

const client = clientOf(asked.token);
const seen = { listed: [], got: {}, refused: {} };
for await (const model of client.models.list()) seen.listed.push([model.id, model.object, model.created, model.owned_by]);
for (const model of asked.get) seen.got[model] = (await client.models.retrieve(model)).id;
const refusals = {
  unknown: () => client.models.retrieve("nobody/has-this"),
  unasked: () => client.models.list({ query: { no_such: "1" } }),
  stranger: () => clientOf(`wrong-${asked.token}`).models.list(),
  chat: () => client.chat.completions.create({ model: "x", messages: [] }),
};
for (const [name, ask] of Object.entries(refusals)) {
  try {
    await ask();
  } catch (refusal) {
    seen.refused[name] = [refusal.constructor.name, refusal.status, refusal.code, refusal.param, refusal.type];
  }
}
process.stdout.write(JSON.stringify(seen));
