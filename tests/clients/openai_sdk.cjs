// OpenAI's older completions and moderations by the official SDK, at each kind of provider.
//
//   NODE_PATH=… node openai_sdk.cjs BASE KEY RESULT KIND…   the gateway, its key, and providers as models on-KIND
//
// Adds a row a check to the probe's RESULT.
const { readFileSync, writeFileSync } = require('node:fs');
const assert = require('node:assert');
const { OpenAI } = require('openai');

const [base, apiKey, resultFile, ...kinds] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey, maxRetries: 0, timeout: 8_000 });

const tellsNone = new Set(['openai', 'completions']); // the mock upstream's own streams of texts have no usage
const checks = {
  'a text is gone on with': async (model) => {
    const made = await client.completions.create({ model, prompt: 'hello there', max_tokens: 64 });
    assert.strictEqual(made.object, 'text_completion');
    assert.strictEqual(made.choices[0].text, 'Echo: hello there');
    assert.strictEqual(made.choices[0].finish_reason, 'stop');
    assert.strictEqual(made.usage.total_tokens, made.usage.prompt_tokens + made.usage.completion_tokens);
  },
  'it ends at its limit': async (model) => {
    const made = await client.completions.create({ model, prompt: '[[mock:tokens=50]]', max_tokens: 5 });
    assert.strictEqual(made.choices[0].finish_reason, 'length');
  },
  'a stream of texts with its usage': async (model, kind) => {
    const stream = await client.completions.create({
      model, prompt: '[[mock:tokens=20]]', max_tokens: 64, stream: true, stream_options: { include_usage: true },
    });
    let text = '', pieces = 0, finish = null, usage = null;
    for await (const chunk of stream) {
      pieces += chunk.choices.length;
      text += chunk.choices[0]?.text ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.ok(text.startsWith('tok0 tok1 ') && text.endsWith('tok19') && pieces > 5, text);
    assert.strictEqual(finish, 'stop');
    if (!tellsNone.has(kind)) assert.ok(usage?.completion_tokens > 0);
  },
  'a moderation, or an honest 501': async (model, kind) => {
    const asked = client.moderations.create({ model, input: 'hello there' });
    if (kind === 'openai') assert.strictEqual((await asked).results[0].flagged, false);
    else await assert.rejects(asked, (error) => error.status === 501 && /does not offer moderations/.test(error.message));
  },
  'a mistake is an error of the SDK': async (model) => {
    await assert.rejects(client.completions.create({ model: `${model}-not-here`, prompt: 'x' }), OpenAI.NotFoundError);
  },
};

(async () => {
  const result = JSON.parse(readFileSync(resultFile, 'utf8'));
  for (const kind of kinds) {
    for (const [name, check] of Object.entries(checks)) {
      const row = { label: `openai SDK [on-${kind}]: ${name}`, result: 'ok' };
      try { await check(`on-${kind}`, kind); } catch (error) { Object.assign(row, { result: 'FAIL', why: String(error.message).split('\n').join(' | ') }); }
      result.rows.push(row);
    }
  }
  writeFileSync(resultFile, JSON.stringify(result));
})();
