// @xapi/xapi under Node: what content made with it does with an LRS.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const XAPI = createRequire(import.meta.url)("@xapi/xapi").default;

export const connect = (endpoint, key, secret) => {
  const given = { endpoint, auth: XAPI.toBasicAuth(key, secret), version: "1.0.3" };
  const xapi = new XAPI(given);
  // Under Node its usual adapter loses the media type of a multipart body.
  xapi.fetching = new XAPI({ ...given, adapter: "fetch" });
  return xapi;
};

const someone = () => ({
  objectType: "Agent",
  name: "Ann",
  mbox: `mailto:${randomUUID()}@example.com`,
});
const activity = () => ({
  id: `https://courses.example.com/${randomUUID()}`,
  objectType: "Activity",
  definition: { name: { "en-GB": "Fire safety" } },
});
const statement = (agent = someone(), object = activity()) => ({
  actor: agent,
  verb: XAPI.Verbs.COMPLETED,
  object,
  result: { completion: true, score: { scaled: 0.9 } },
});
const failing = async (act) => {
  try {
    await act();
  } catch (error) {
    return error.response.status;
  }
  assert.fail("this was not refused");
};

export const scenarios = {
  async save(xapi) {
    const sent = statement();
    const { data: [statementId] } = await xapi.sendStatement({ statement: sent });
    const { data: got } = await xapi.getStatement({ statementId });
    assert.deepEqual(got.result, sent.result);
    assert.deepEqual(got.object, sent.object);
    assert.ok(got.stored && got.authority);
  },

  async query(xapi) {
    const agent = someone();
    const object = activity();
    const both = [statement(agent, object), statement(agent)];
    const { data: ids } = await xapi.sendStatements({ statements: both });
    const { data: byAgent } = await xapi.getStatements({ agent, ascending: true });
    assert.deepEqual(byAgent.statements.map((item) => item.id), ids);
    const { data: byActivity } = await xapi.getStatements({
      agent,
      activity: object.id,
      verb: XAPI.Verbs.COMPLETED.id,
      related_activities: true,
    });
    assert.deepEqual(byActivity.statements.map((item) => item.id), [ids[0]]);
  },

  async page(xapi) {
    const agent = someone();
    const statements = Array.from({ length: 5 }, () => statement(agent));
    const { data: ids } = await xapi.sendStatements({ statements });
    let { data: page } = await xapi.getStatements({ agent, limit: 2 });
    const seen = [];
    for (;;) {
      seen.push(...page.statements.map((item) => item.id));
      if (!page.more) break;
      ({ data: page } = await xapi.getMoreStatements({ more: page.more }));
    }
    assert.deepEqual(seen, ids.reverse());
  },

  async state(xapi) {
    const of = { agent: someone(), activityId: activity().id, stateId: "bookmark" };
    await xapi.setState({ ...of, state: { page: 7 } });
    await xapi.createState({ ...of, state: { slide: 2 } });
    const { data: merged, headers } = await xapi.getState(of);
    assert.deepEqual(merged, { page: 7, slide: 2 });
    const { data: ids } = await xapi.getStates(of);
    assert.deepEqual(ids, ["bookmark"]);
    await xapi.setState({
      ...of,
      state: { page: 8 },
      etag: headers.etag,
      matchHeader: "If-Match",
    });
    const late = { ...of, state: { page: 9 }, etag: headers.etag };
    assert.equal(
      await failing(() => xapi.setState({ ...late, matchHeader: "If-Match" })),
      412,
    );
    await xapi.deleteState(of);
    assert.equal(await failing(() => xapi.getState(of)), 404);
    await xapi.deleteStates(of);
  },

  async "activity profile"(xapi) {
    const of = { activityId: activity().id, profileId: "settings" };
    const first = { profile: { level: 1 }, etag: "*", matchHeader: "If-None-Match" };
    await xapi.setActivityProfile({ ...of, ...first });
    assert.equal(await failing(() => xapi.setActivityProfile({ ...of, ...first })), 412);
    await xapi.createActivityProfile({ ...of, profile: { more: true } });
    const { data, headers } = await xapi.getActivityProfile(of);
    assert.deepEqual(data, { level: 1, more: true });
    assert.deepEqual((await xapi.getActivityProfiles(of)).data, ["settings"]);
    await xapi.deleteActivityProfile({ ...of, etag: headers.etag });
    assert.equal(await failing(() => xapi.getActivityProfile(of)), 404);
  },

  async "agent profile"(xapi) {
    const of = { agent: someone(), profileId: "preferences" };
    await xapi.setAgentProfile({
      ...of,
      profile: { audio: "off" },
      etag: "*",
      matchHeader: "If-None-Match",
    });
    const { data, headers } = await xapi.getAgentProfile(of);
    assert.deepEqual(data, { audio: "off" });
    assert.deepEqual((await xapi.getAgentProfiles(of)).data, ["preferences"]);
    await xapi.deleteAgentProfile({ ...of, etag: headers.etag });
    assert.deepEqual((await xapi.getAgentProfiles(of)).data, []);
  },

  async attachments({ fetching: xapi }) {
    const content = new TextEncoder().encode("a certificate, in plain text");
    const sent = statement();
    sent.attachments = [
      {
        usageType: XAPI.AttachmentUsages.CERTIFICATE_OF_COMPLETION,
        display: { en: "Certificate" },
        contentType: "text/plain",
        length: content.length,
        sha2: createHash("sha256").update(content).digest("hex"),
      },
    ];
    const { data: [statementId] } = await xapi.sendStatement({
      statement: sent,
      attachments: [content.buffer],
    });
    const { data: parts } = await xapi.getStatement({ statementId, attachments: true });
    assert.equal(parts[0].id, statementId);
    assert.equal(parts[1], "a certificate, in plain text");
  },

  async void(xapi) {
    const { data: [statementId] } = await xapi.sendStatement({ statement: statement() });
    await xapi.voidStatement({ actor: someone(), statementId });
    assert.equal(await failing(() => xapi.getStatement({ statementId })), 404);
    const { data } = await xapi.getVoidedStatement({
      voidedStatementId: statementId,
    });
    assert.equal(data.id, statementId);
  },

  async "agents, activities and about"(xapi) {
    const agent = someone();
    const object = activity();
    await xapi.sendStatement({ statement: statement(agent, object) });
    const { data: person } = await xapi.getAgent({ agent });
    assert.deepEqual(person.mbox, [agent.mbox]);
    assert.deepEqual(person.name, [agent.name]);
    const { data: known } = await xapi.getActivity({ activityId: object.id });
    assert.deepEqual(known.definition.name, object.definition.name);
    const { data: about } = await xapi.getAbout();
    assert.ok(about.version.includes("1.0.3"));
  },

  async "a wrong Statement is refused with its violations"(xapi) {
    const wrong = { ...statement(), actor: { mbox: "ann@example.com" } };
    try {
      await xapi.sendStatement({ statement: wrong });
    } catch (error) {
      assert.equal(error.response.status, 400);
      assert.equal(error.response.data.violations[0].path, "actor.mbox");
      return;
    }
    assert.fail("this was not refused");
  },
};
