"""The law of cmi5: vocabulary and rules of Statements and sessions."""
