"""The law of cmi5, pure: what an LRS can say of a Statement as it arrives.

Spec: AICC/CMI-5_Spec_Current, cmi5_spec.md ("Quartz"). It imports lrs.xapi only and
speaks of Statements that are valid xAPI. A Violation's rule is ``cmi5:<section>``.

``vocabulary`` has the names; ``statement_rules`` has what one Statement tells by
itself of what cmi5 defines (7.1.3, 9.2 to 9.6). What needs the launch or other
Statements is not judged yet; it will stand beside it:

- ``session_rules``: the launch (id, timestamp, registration, session id, actor,
  activityId and contextTemplate are its own: 9.1, 9.4, 9.6.1, 9.6.3, 9.7, 10.2.1) and
  the session's Statements by ``timestamp`` (7.1, 9.3, 9.3.1 to 9.3.7, 10.2.2);
- ``registration_rules``: one completed, one passed, no failed after passed, one waived
  and one satisfied of a kind (9.3, 9.3.7, 9.3.9);
- ``move_on``: the criteria and how they roll up from AU to block to course (13.1.4).
"""
