// tincanjs under Node: the client inside much of the older content.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const TinCan = createRequire(import.meta.url)("tincanjs");
TinCan.disableDebug();

export const connect = (endpoint, username, password) =>
  new TinCan.LRS({ endpoint, username, password, version: "1.0.2", allowFail: false });

// Its callbacks get (error, result); an error is a number or an XMLHttpRequest.
const promised = (act) =>
  new Promise((resolve, reject) =>
    act((error, result) => {
      if (error === null) resolve(result);
      else reject(Object.assign(new Error(`refused: ${error}`), { xhr: result }));
    }),
  );
const refused = async (act) => {
  try {
    await promised(act);
  } catch (error) {
    return error.xhr.status;
  }
  assert.fail("this was not refused");
};

const someone = () =>
  new TinCan.Agent({ name: "Ann", mbox: `mailto:${randomUUID()}@example.com` });
const something = () =>
  new TinCan.Activity({
    id: `https://courses.example.com/${randomUUID()}`,
    definition: { name: { "en-US": "Fire safety" } },
  });
const statement = (actor = someone(), target = something(), more = {}) =>
  new TinCan.Statement({
    actor,
    verb: { id: "http://adlnet.gov/expapi/verbs/passed", display: { und: "passed" } },
    target,
    result: { success: true, score: { scaled: 1 } },
    ...more,
  });
const save = (lrs, item) => promised((callback) => lrs.saveStatement(item, { callback }));

export const scenarios = {
  async save(lrs) {
    const sent = statement();
    await save(lrs, sent);
    const got = await promised((callback) =>
      lrs.retrieveStatement(sent.id, { callback }),
    );
    assert.equal(got.actor.mbox, sent.actor.mbox);
    assert.equal(got.result.score.scaled, 1);
    assert.ok(got.stored);
  },

  async "query and page"(lrs) {
    const actor = someone();
    const sent = Array.from({ length: 5 }, () => statement(actor));
    await promised((callback) => lrs.saveStatements(sent, { callback }));
    let found = await promised((callback) =>
      lrs.queryStatements({
        params: { agent: actor, limit: 2, ascending: true },
        callback,
      }),
    );
    const seen = [];
    for (;;) {
      seen.push(...found.statements.map((item) => item.id));
      if (!found.more) break;
      const url = found.more;
      found = await promised((callback) => lrs.moreStatements({ url, callback }));
    }
    assert.deepEqual(seen, sent.map((item) => item.id));
  },

  async state(lrs) {
    const of = { agent: someone(), activity: something() };
    await promised((callback) =>
      lrs.saveState("bookmark", { page: 7 }, {
        ...of,
        contentType: "application/json",
        callback,
      }),
    );
    const got = await promised((callback) =>
      lrs.retrieveState("bookmark", { ...of, callback }),
    );
    assert.deepEqual(got.contents, { page: 7 });
    assert.ok(got.etag);
    const ids = await promised((callback) => lrs.retrieveStateIds({ ...of, callback }));
    assert.deepEqual(ids, ["bookmark"]);
    await promised((callback) =>
      lrs.saveState("bookmark", { page: 8 }, {
        ...of,
        contentType: "application/json",
        lastSHA1: got.etag.replaceAll('"', ""),
        callback,
      }),
    );
    await promised((callback) => lrs.dropState(null, { ...of, callback }));
    const gone = await promised((callback) =>
      lrs.retrieveState("bookmark", { ...of, callback }),
    );
    assert.equal(gone, null);
  },

  async profiles(lrs) {
    const activity = something();
    const agent = someone();
    const contentType = "application/json";
    await promised((callback) =>
      lrs.saveActivityProfile("p", { a: 1 }, { activity, contentType, callback }),
    );
    const first = await promised((callback) =>
      lrs.retrieveActivityProfile("p", { activity, callback }),
    );
    assert.deepEqual(first.contents, { a: 1 });
    await promised((callback) =>
      lrs.saveAgentProfile("q", { b: 2 }, { agent, contentType, callback }),
    );
    const second = await promised((callback) =>
      lrs.retrieveAgentProfile("q", { agent, callback }),
    );
    assert.deepEqual(second.contents, { b: 2 });
    await promised((callback) => lrs.dropAgentProfile("q", { agent, callback }));
    await promised((callback) => lrs.dropActivityProfile("p", { activity, callback }));
  },

  async attachments(lrs) {
    // Line breaks and dashes as a boundary has them. No byte above 127: under Node its
    // XMLHttpRequest sends those as UTF-8.
    const content = new Uint8Array([0, 13, 10, 45, 45, 98, 0, 1, 13, 10]);
    const attachment = new TinCan.Attachment({
      display: { "en-US": "Recording" },
      usageType: "https://example.com/usage/recording",
      contentType: "application/octet-stream",
    });
    attachment.setContent(content.buffer);
    const sent = statement(someone(), something(), { attachments: [attachment] });
    await save(lrs, sent);
    const got = await promised((callback) =>
      lrs.retrieveStatement(sent.id, { params: { attachments: true }, callback }),
    );
    assert.deepEqual(new Uint8Array(got.attachments[0].content), content);
  },

  async void(lrs) {
    const sent = statement();
    await save(lrs, sent);
    const voiding = new TinCan.Statement({
      actor: someone(),
      verb: { id: "http://adlnet.gov/expapi/verbs/voided" },
      target: { objectType: "StatementRef", id: sent.id },
    });
    await save(lrs, voiding);
    assert.equal(
      await refused((callback) => lrs.retrieveStatement(sent.id, { callback })),
      404,
    );
    const got = await promised((callback) =>
      lrs.retrieveVoidedStatement(sent.id, { callback }),
    );
    assert.equal(got.id, sent.id);
  },

  async "activities and about"(lrs) {
    const target = something();
    await save(lrs, statement(someone(), target));
    const known = await promised((callback) =>
      lrs.retrieveActivity(target.id, { callback }),
    );
    assert.equal(known.definition.name["en-US"], "Fire safety");
    const about = await promised((callback) => lrs.about({ callback }));
    assert.ok(about.version.includes("1.0.3"));
  },
};
