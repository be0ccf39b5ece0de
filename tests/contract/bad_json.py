"""Texts that are no JSON, each with a name; and odd ones that are, to the last digit.

A value takes a place where any JSON may stand; a text is the whole of what is sent.
"""

from __future__ import annotations

from collections.abc import Callable

MANY = 100_000  # nested brackets

# -- values that no JSON text can have -----------------------------------------------

BAD_VALUES: dict[str, bytes] = {
    "NaN": b"NaN",
    "NaN in lower case": b"nan",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "NaN in an array": b"[1,NaN]",
    "a lone high surrogate": b'"\\ud83d"',
    "a lone low surrogate": b'"\\ude00"',
    "surrogates the wrong way round": b'"\\ude00\\ud83d"',
    "a high surrogate before a letter": b'"\\ud83dx"',
    "a lone surrogate as a key": b'{"\\ud800":1}',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "a surrogate pair in UTF-8": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "NUL itself": b'"\x00"',
    "NUL for a blank": b"\x001",
    "a line feed in a string": b'"a\nb"',
    "an escape of two digits": b'"\\u00"',
    "an escape of none": b'"\\x41"',
    "a single backslash": b'"\\"',
    "a byte that UTF-8 has not": b'"\xff"',
    "a broken off sequence": b'"\xe2\x98"',
    "an overlong slash": b'"\xc0\xaf"',
    "an overlong NUL": b'"\xc0\x80"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "Latin-1": b'"\xe9t\xe9"',
    "a byte-order mark before a value": b"\xef\xbb\xbf1",
    "no value": b"",
    "a word": b"undefined",
    "True": b"True",
    "single quotes": b"'a'",
    "no quotes": b"a",
    "an open string": b'"a',
    "an open array": b"[1",
    "an open object": b'{"a":1',
    "a comma too many in an array": b"[1,]",
    "a comma too many in an object": b'{"a":1,}',
    "two commas": b"[1,,2]",
    "a key without quotes": b"{a:1}",
    "a number as a key": b"{1:1}",
    "a key without a value": b'{"a"}',
    "brackets that do not match": b'[{"a":1]}',
    "a comment": b"1/* one */",
    "two values": b"1 2",
    "a leading zero": b"01",
    "a plus": b"+1",
    "no digit before the point": b".5",
    "no digit behind the point": b"1.",
    "no digit in the exponent": b"1e",
    "two minuses": b"--1",
    "hexadecimal": b"0x1F",
    "digits of another script": "١٢".encode(),
    "underscores in a number": b"1_000",
    "5,000 digits": b"9" * 5000,
    "5,000 digits behind the point": b"0." + b"1" * 5000,
    "an exponent of 25 digits": b"1e" + b"9" * 25,
    "a repeated key": b'{"a":1,"a":2}',
    "a repeated key with the same value": b'{"a":1,"a":1}',
    "a repeated key, once escaped": b'{"a":1,"\\u0061":2}',
    "a repeated key deep inside": b'[{"b":{"c":[{"a":1,"x":0,"a":2}]}}]',
    "a repeated empty key": b'{"":1,"":2}',
    "300 levels": b"[" * 300 + b"]" * 300,
    "100,000 nested brackets": b"[" * MANY + b"]" * MANY,
    "100,000 open brackets": b"[" * MANY,
    "100,000 nested objects": b'{"a":' * MANY + b"1" + b"}" * MANY,
    "100,000 brackets around 1e400": b"[" * MANY + b"1e400" + b"]" * MANY,
}

# -- whole texts, made of a valid one ------------------------------------------------


def _again(text: bytes) -> bytes:
    """Repeat all members."""
    return text[:-1] + b"," + text[1:]


def _again_escaped(text: bytes) -> bytes:
    """Repeat the first member's name, its first letter written as an escape."""
    return b'{"\\u%04x' % text[2] + text[3 : text.index(b":")] + b":1," + text[1:]


BAD_TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "white space": lambda _: b" \t ",
    "a byte-order mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.decode().encode("utf-16-be"),
    "UTF-32": lambda text: text.decode().encode("utf-32"),
    "cut off": lambda text: text[:-1],
    "cut in half": lambda text: text[: len(text) // 2],
    "its first byte lost": lambda text: text[1:],
    "twice": lambda text: text + text,
    "with a comma behind it": lambda text: text + b",",
    "with NUL behind it": lambda text: text + b"\x00",
    "with a form feed before it": lambda text: b"\x0c" + text,
    "with a no-break space before it": lambda text: b"\xc2\xa0" + text,
    "in JavaScript": lambda text: b"callback(" + text + b")",
    "every key repeated": _again,
    "a key repeated with an escape": _again_escaped,
    "gzip without saying so": lambda _: b"\x1f\x8b\x08\x00" + b"\x00" * 40,
}

# -- odd, but JSON: these come back character for character --------------------------

KEPT_VALUES: dict[str, bytes] = {
    "400 digits": b"9" * 400,
    "minus 400 digits": b"-" + b"7" * 400,
    "400 digits behind the point": b"0." + b"3" * 400,
    "400 digits around the point": b"1" * 200 + b"." + b"2" * 200,
    "4,000 digits": b"1" * 4000,
    "the largest of 64 bits": b"18446744073709551615",
    "one more than 64 bits": b"18446744073709551616",
    "less than 64 bits with a sign": b"-9223372036854775809",
    "one more than a double counts": b"9007199254740993",
    "1e400": b"1e400",
    "minus 1E+400": b"-1E+400",
    "1e-400": b"1e-400",
    "an exponent of 18 digits": b"1e" + b"9" * 18,
    "zero with a huge exponent": b"0e" + b"9" * 30,
    "minus zero": b"-0",
    "minus zero with a point": b"-0.0",
    "zeros at the end": b"1.10",
    "an exponent of zero": b"1e0",
    "NUL, escaped": b'"a\\u0000b"',
    "a key with NUL": b'{"a\\u0000b":1}',
    "all control characters, escaped": b'"%b"'
    % b"".join(b"\\u%04x" % n for n in range(32)),
    "DEL": b'"\x7f"',
    "a surrogate pair, escaped": b'"\\ud83d\\ude00"',
    "a surrogate pair, in capitals": b'"\\uD83D\\uDE00"',
    "a surrogate pair as a key": b'{"\\ud83d\\ude00":"\\ud83d\\ude00"}',
    "beyond the first plane": "\U0001f600\U00010348\U0010fffd".join('""').encode(),
    "an escape that need not be": b'"\\u0041\\/"',
    "noncharacters": "\uffff\ufdd0\U0001ffff".join('""').encode(),
    "a byte-order mark in a string": '"\ufeff"'.encode(),
    "line separators of Unicode": '"\u2028\u2029\u0085"'.encode(),
    "right to left and overrides": '"\u202eאבג\u2066abc\u2069"'.encode(),
    "marks on marks": ("e" + "\u0301" * 500).join('""').encode(),
    "composed and decomposed": '{"\u00e9":1,"e\u0301":2}'.encode(),
    "keys that differ in case": b'{"a":1,"A":2}',
    "an empty key": b'{"":""}',
    "a key of MongoDB": b'{"$where":1,"a.b":2,"_id":3,"__proto__":4}',
    "the same key at two places": b'[{"a":{"a":1}},{"a":2}]',
    "null, true and false": b"[null,true,false,{},[],{}]",
    "200 levels": b"[" * 200 + b"]" * 200,
    "white space of all kinds": b" [ \t1 ,\r\n 2 ]\t",
    "100,000 numbers": b"[" + b"0," * 99_999 + b"0]",
    "a string of a megabyte": b'"' + b"x" * (1 << 20) + b'"',
}
