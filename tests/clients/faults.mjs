// Every way in which the mock upstream can fail, for each dialect of a client and each kind of provider, plain and
// streamed: the answer is whole, or an honest error in the client's own dialect, and either within its time.
//
//   node faults.mjs BASE KEY MOCK RESULT KIND…   the gateway, its key, the mock upstream, and providers as models on-KIND
//
// Adds a row a check to the probe's RESULT. Whole means: the text of an untroubled answer and the
// dialect's end mark. Honest means: a status of failure with the dialect's error, or an error as the last thing of a
// stream that has begun, behind a beginning of the text and without an end mark.
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';

const [base, key, mock, resultFile, ...kinds] = process.argv.slice(2);
const count = 12;
const whole = Array.from({ length: count }, (_, i) => `tok${i}`).join(' ');
const longest = 8_000; // ms: timeouts of the gateway under test are two seconds each

// What each fault does to a plain answer and to a stream: ok, or error. A third word is said of the kinds whose
// dialect has nothing else that ends an answer than what `noend` leaves out.
const faults = {
  400: ['error', 'error'], 401: ['error', 'error'], 402: ['error', 'error'], 403: ['error', 'error'], 404: ['error', 'error'],
  408: ['error', 'error'], 409: ['error', 'error'], 413: ['error', 'error'], 422: ['error', 'error'], 429: ['error', 'error'],
  500: ['error', 'error'], 502: ['error', 'error'], 503: ['error', 'error'], 504: ['error', 'error'], 529: ['error', 'error'],
  html502: ['error', 'error'], empty: ['error', 'error'], badjson: ['error', 'ok'], wrongtype: ['ok', 'error'], redirect: ['error', 'error'],
  'bighdr=65536': ['error', 'error'], earlyhints: ['ok', 'ok'], 'oversize=4194304': ['error', 'error'], gzip: ['error', 'ok'],
  'gzipbomb=16': ['error', 'error'], nousage: ['ok', 'ok'],
  'slowfirst=300': ['ok', 'ok'], 'slowbyte=300': ['ok', 'ok'], 'drip=10': ['ok', 'ok'], hang: ['error', 'error'], stall: ['error', 'error'],
  reset: ['error', 'error'], resetmid: ['error', 'error'], truncate: ['error', 'error'], truncchunk: ['error', 'error'],
  badchunk: ['error', 'error'], halfclose: ['error', 'error'],
  miderror: ['ok', 'error'], badsse: ['ok', 'error'], noend: ['ok', 'ok', 'error'], split: ['ok', 'ok'], crlf: ['ok', 'ok'], comments: ['ok', 'ok'],
  multiline: ['ok', 'ok'], bom: ['ok', 'ok'], dupdone: ['ok', 'ok'], unicode: ['ok', 'ok'],
};
const ended_by_the_last = new Set(['responses', 'anthropic', 'gemini', 'ollama']);

const text = (value) => (typeof value === 'string' && value.length > 0 ? value : null);
const openai_error = (o) => text(o?.error?.message);
const clients = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (model, said, stream) => ({ model, stream, messages: [{ role: 'user', content: said }] }),
    plain: (o) => o.choices[0].finish_reason && o.choices[0].message.content,
    piece: (o) => o.choices?.[0]?.delta?.content ?? '',
    end: (data) => data === '[DONE]', error: openai_error,
  },
  completions: {
    path: () => '/v1/completions',
    body: (model, said, stream) => ({ model, stream, max_tokens: 512, prompt: said }),
    plain: (o) => o.choices[0].finish_reason && o.choices[0].text,
    piece: (o) => o.choices?.[0]?.text ?? '',
    end: (data) => data === '[DONE]', error: openai_error,
  },
  responses: {
    path: () => '/v1/responses',
    body: (model, said, stream) => ({ model, stream, input: said }),
    plain: (o) => o.status === 'completed' && o.output.filter((i) => i.type === 'message')[0].content[0].text,
    piece: (o) => (o.type === 'response.output_text.delta' ? o.delta : ''),
    end: (_, o) => o?.type === 'response.completed', error: (o) => openai_error(o) ?? (o?.type === 'error' ? text(o.message) : null),
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (model, said, stream) => ({ model, stream, max_tokens: 512, messages: [{ role: 'user', content: said }] }),
    plain: (o) => o.stop_reason && o.content[0].text,
    piece: (o) => o.delta?.text ?? '',
    end: (_, o) => o?.type === 'message_stop', error: (o) => (o?.type === 'error' ? text(o.error?.message) : null),
  },
  gemini: {
    path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_, said) => ({ contents: [{ role: 'user', parts: [{ text: said }] }] }),
    plain: (o) => o.candidates[0].finishReason && o.candidates[0].content.parts[0].text,
    piece: (o) => o.candidates?.[0]?.content?.parts?.map((p) => p.text ?? '').join('') ?? '',
    end: (_, o) => Boolean(o?.candidates?.[0]?.finishReason), error: (o) => openai_error(o),
  },
  mistral: {
    path: () => '/mistral/v1/chat/completions',
    body: (model, said, stream) => ({ model, stream, messages: [{ role: 'user', content: said }] }),
    plain: (o) => o.choices[0].finish_reason && o.choices[0].message.content,
    piece: (o) => o.choices?.[0]?.delta?.content ?? '',
    end: (data) => data === '[DONE]', error: (o) => (o?.object === 'error' ? text(o.message) : null),
  },
  ollama: {
    path: () => '/api/chat', lines: true,
    body: (model, said, stream) => ({ model, stream, messages: [{ role: 'user', content: said }] }),
    plain: (o) => o.done_reason && o.message.content,
    piece: (o) => o.message?.content ?? '',
    end: (_, o) => o?.done === true, error: (o) => text(o?.error),
  },
};

// What a stream of each framing holds, as a client takes it apart.
const events = (body) => body.replace(/^\ufeff/, '').replaceAll('\r\n', '\n').split('\n\n').map((f) => f.split('\n').filter((l) => l.startsWith('data:')).map((l) => l.slice(5).trim()).join('\n')).filter(Boolean);
const lines = (body) => body.split('\n').slice(0, body.endsWith('\n') ? -1 : undefined);

function call(path, body) {
  return new Promise((resolve) => {
    const payload = JSON.stringify(body);
    const began = Date.now();
    const done = (more) => resolve({ ms: Date.now() - began, ...more });
    const req = http.request(new URL(path, base), { method: 'POST', agent: false, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } }, (res) => {
      const parts = [];
      res.on('data', (d) => parts.push(d));
      const end = () => done({ status: res.statusCode, type: res.headers['content-type'] ?? '', text: Buffer.concat(parts).toString(), whole: res.complete });
      res.on('end', end);
      res.on('error', end);
      res.on('close', end);
    });
    req.setTimeout(longest, () => req.destroy(new Error('no answer in time')));
    setTimeout(() => req.destroy(new Error('no end in time')), longest).unref();
    req.on('error', (e) => done({ status: 0, text: '', problem: e.message }));
    req.end(payload);
  });
}

const json = (s) => { try { return JSON.parse(s); } catch { return undefined; } };

// What an answer is: { is: 'ok' | 'error' | 'wrong', why }.
function judge(client, reply, expected, streamed) {
  if (reply.status === 0) return { is: 'wrong', why: reply.problem };
  if (reply.ms >= longest) return { is: 'wrong', why: 'no end in time' };
  if (reply.status >= 400) {
    const error = reply.whole && client.error(json(reply.text));
    return error ? { is: 'error' } : { is: 'wrong', why: `status ${reply.status} without the dialect's error: ${reply.text.slice(0, 200)}` };
  }
  if (!streamed) {
    const o = reply.whole && json(reply.text);
    const said = o && (() => { try { return client.plain(o); } catch { return undefined; } })();
    return said === expected ? { is: 'ok' } : { is: 'wrong', why: `said ${JSON.stringify(said ?? reply.text.slice(0, 200))}` };
  }
  const frames = client.lines ? lines(reply.text) : events(reply.text);
  let said = ''; let ended = false; let error = null; let behind = false;
  for (const data of frames) {
    const o = data === '[DONE]' ? undefined : json(data);
    if (data !== '[DONE]' && o === undefined) return { is: 'wrong', why: `a frame that is no JSON: ${data.slice(0, 200)}` };
    if (error) behind = true;
    if (client.error(o)) error = client.error(o);
    else if (o) said += client.piece(o);
    if (client.end(data, o)) ended = true;
  }
  if (error) {
    if (ended || behind) return { is: 'wrong', why: 'something follows the error' };
    return expected.startsWith(said) ? { is: 'error' } : { is: 'wrong', why: `said ${JSON.stringify(said)} before the error` };
  }
  if (!ended) return { is: 'wrong', why: `neither ended nor failed; said ${JSON.stringify(said)}` };
  if (!reply.whole) return { is: 'wrong', why: 'an end mark in a body that is not whole' };
  return said === expected ? { is: 'ok' } : { is: 'wrong', why: `said ${JSON.stringify(said)}` };
}

const jobs = [];
for (const [fault, expected] of Object.entries(faults)) {
  for (const kind of kinds) {
    for (const [name, client] of Object.entries(clients)) {
      for (const streamed of [false, true]) {
        const last = streamed && expected[2] && ended_by_the_last.has(kind);
        jobs.push({ fault, kind, name, client, streamed, expected: last ? expected[2] : expected[streamed ? 1 : 0] });
      }
    }
  }
}

const rows = [];
const check = (label, why) => rows.push(why ? { label, result: 'FAIL', why } : { label, result: 'ok' });
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { fault, kind, name, client, streamed, expected } = job;
    const model = `on-${kind}`;
    const content = fault === 'unicode' ? 'unicode' : `tokens=${count};${fault}`;
    const reply = await call(client.path(model, streamed), client.body(model, `[[mock:${content}]]`, streamed));
    const got = judge(client, reply, fault === 'unicode' ? 'Grüße 漢字 🙂🏽 "quoted" \\back \u2028 tab\t end' : whole, streamed);
    const label = `fault ${fault}, ${streamed ? 'streamed' : 'plain'}, ${name} on ${kind}`;
    check(label, got.is !== expected && `expected ${expected}, got ${got.is}${got.why ? ` (${got.why})` : ''} in ${reply.ms} ms`);
  }
}
await Promise.all(Array.from({ length: 12 }, work));
const health = await (await fetch(`${mock}/__mock/health`)).json();
check('fault redirect: never followed', health.canary !== 0 && `followed ${health.canary} times`);
const result = JSON.parse(readFileSync(resultFile, 'utf8'));
result.rows.push(...rows);
writeFileSync(resultFile, JSON.stringify(result));
