# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0

"""Lets Kestrel use the modules of stix-shifter.

It reads one JSON object a line from standard input, {"id", "op", "args"}, and
answers each with one line on standard output, {"id", "result"} or {"id",
"exception"}. What the library prints goes to standard error. It ends with its
input.
"""

import sys

# The folder in which the hunter works is no place to find modules in.
sys.path[:] = [p for p in sys.path if p not in ("", ".")]

import asyncio
import copy
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import uuid

answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)


def encode(value):
    """JSON in UTF-8. What JSON has no word for becomes null or text."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(finite(value), ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace")


def finite(value):
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return value


def version_of(package):
    try:
        from importlib import metadata
        return metadata.version(package)
    except Exception:
        return ""


def fold(name):
    return str(name).lower().replace("-", "_")


def fit(given, expected, path, dropped):
    """Returns the settings that a module knows, under the names that it has for
    them; the others are listed in dropped, for the library refuses them."""
    names = {}
    for key, rule in expected.items():
        if isinstance(rule, dict):
            names.setdefault(fold(key), key)
            if "previous" in rule:
                names.setdefault(fold(rule["previous"].split(".")[-1]), key)
    fitting = {}
    for key in sorted(given):
        value = given[key]
        name = names.get(fold(key))
        if name is None:
            dropped.append(path + key)
            continue
        rule = expected[name]
        leaf = rule.get("type") == "json" or not any(isinstance(v, dict) for v in rule.values())
        if isinstance(value, dict) and not leaf:
            value = fit(value, rule, path + key + ".", dropped)
        elif rule.get("type") == "number" and isinstance(value, str) and value.strip().isdigit():
            value = int(value)
        if rule.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
            value = max(rule.get("min", value), min(rule.get("max", value), value))
        if name not in fitting or fold(name) == fold(key):
            fitting[name] = value
    return fitting


def trust_any():
    """Makes the library's HTTP client verify no certificate."""
    import ssl
    from stix_shifter_utils.stix_transmission.utils import RestApiClientAsync as client
    construct = client.RestApiClientAsync.__init__

    def construct_trusting(self, *args, **kwargs):
        construct(self, *args, **kwargs)
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE

    client.RestApiClientAsync.__init__ = construct_trusting


class Session:
    """One profile."""

    def open(self, module, connection, configuration, identity, insecure):
        found = importlib.util.find_spec("stix_shifter") is not None
        about = {
            "executable": sys.executable, "python": platform.python_version(), "found": found,
            "library": version_of("stix-shifter"),
            "version": version_of("stix-shifter-modules-" + module.replace("_", "-")),
            "modules": [], "module": False, "dropped": [],
        }
        if not found:
            return about
        try:
            from stix_shifter_utils.utils.module_discovery import modules_list
            about["modules"] = modules_list()
        except Exception:  # no module is installed, or the library is too old to say
            pass
        try:
            about["module"] = importlib.util.find_spec("stix_shifter_modules." + module) is not None
        except ImportError:
            pass
        if not about["module"]:
            return about
        self.module, self.identity = module, identity
        wanted = {"connection": connection, "configuration": configuration}
        try:
            from stix_shifter_utils.utils.param_validator import get_merged_config
            wanted = fit(wanted, get_merged_config(module), "", about["dropped"])
        except (ImportError, OSError):  # an old library; it will say what it does not know
            pass
        self.connection = wanted.get("connection", {})
        self.configuration = wanted.get("configuration", {})
        self.connection.setdefault("options", {})
        self.options = copy.deepcopy(self.connection["options"])
        if insecure:
            trust_any()
        self.transmission = None
        return about

    def translate(self, kind, data):
        from stix_shifter.stix_translation.stix_translation import StixTranslation
        return StixTranslation().translate(
            self.module, kind, copy.deepcopy(self.identity), data, copy.deepcopy(self.options),
            recursion_limit=5000)

    def attributes(self):
        """The STIX attributes that a dialect knows, as type:path; null if the
        module does not say."""
        answer = self.translate("supported_attributes", None)
        known = set()
        for table in answer.get("supported_attributes", {}).values():
            for kind, rule in table.items():
                fields = rule.get("fields", {}) if isinstance(rule, dict) else {}
                known.update(kind + ":" + field for field in fields)
        return sorted(known) or None

    def query(self, pattern):
        return self.translate("query", pattern)

    def source(self):
        if self.transmission is None:
            from stix_shifter.stix_transmission.stix_transmission import StixTransmission
            self.transmission = StixTransmission(
                self.module, copy.deepcopy(self.connection), copy.deepcopy(self.configuration))
        return self.transmission

    def ping(self):
        return self.source().ping()

    def start(self, query):
        answer = self.source().query(query)
        if isinstance(answer, dict) and answer.get("success"):
            answer["jobs"] = bool(self.source().is_async() is True)
        return answer

    def status(self, search):
        return self.source().status(search)

    def delete(self, search):
        return self.source().delete(search)

    def page(self, search, offset, length, metadata):
        """One page of results as a bundle."""
        answer = self.source().results(search, offset, length, metadata)
        if not answer.get("success"):
            return answer
        records = answer.get("data") or []
        page = {"success": True, "count": len(records), "metadata": answer.get("metadata")}
        if not records:
            return page
        digests = [hashlib.sha256(json.dumps(r, sort_keys=True, default=str).encode("utf-8", "replace")).digest()
                   for r in records]
        page["digest"] = hashlib.sha256(b"".join(digests)).hexdigest()
        given = {r["id"] for r in records if isinstance(r, dict) and isinstance(r.get("id"), str)}
        bundle = self.translate("results", records)
        if isinstance(bundle, str):
            bundle = json.loads(bundle)
        if bundle.get("success") is False or "error" in bundle:
            bundle["success"] = False
            return bundle
        self.name(bundle, digests, given)
        page["bundle"] = bundle
        return page

    def name(self, bundle, digests, given):
        """Gives observations an id that follows from the native record, where
        the library made one up: the same hunt shall give the same answer."""
        made = [o for o in bundle.get("objects", []) if o.get("type") == "observed-data"]
        seen = {}
        for i, o in enumerate(made):
            if o.get("id") in given:
                continue
            if len(made) == len(digests):
                digest = digests[i]
            else:
                own = {k: v for k, v in o.items() if k not in ("id", "created", "modified")}
                digest = hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode("utf-8", "replace")).digest()
            n = seen[digest] = seen.get(digest, 0) + 1
            text = self.identity["id"] + " " + digest.hex() + " " + str(n)
            o["id"] = "observed-data--" + str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def main():
    asyncio.set_event_loop(asyncio.new_event_loop())
    session = Session()
    operations = {name: getattr(session, name) for name in (
        "open", "attributes", "query", "ping", "start", "status", "page", "delete")}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer = {"id": request["id"]}
        try:
            answer["result"] = operations[request["op"]](*request["args"])
            text = encode(answer)
        except (Exception, SystemExit) as e:
            text = encode({"id": request["id"], "exception": type(e).__name__ + ": " + str(e)})
        answers.write(text + b"\n")
        answers.flush()


main()
