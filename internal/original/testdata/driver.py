# SPDX-FileCopyrightText: 2026 The Kestrel Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs hunts in the original Kestrel, many in one process.

Standard input has one JSON object a line: {"hunt": text, "prefetch": bool}. For
each, standard output gets one line: {"error", "message", "variables", "displays"}.
A variable has its type, its counts and its rows; a display its kind and its data.
"""

import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from kestrel.session import Session  # noqa: E402


def run(hunt, prefetch):
    answer = {"error": "", "message": "", "variables": {}, "displays": []}
    with Session() as session:
        switch = session.config["prefetch"]["switch_per_command"]
        switch["get"] = switch["find"] = prefetch
        try:
            for display in session.execute(hunt):
                answer["displays"].append(display.to_dict())
        except Exception as error:  # a failure is an answer
            answer["error"], answer["message"] = type(error).__name__, str(error)
            return answer
        for name in session.get_variable_names():
            if name == "_":
                continue
            variable = session.symtable[name]
            answer["variables"][name] = {
                "type": variable.type,
                "entities": len(variable),
                "records": variable.records_count,
                "rows": session.get_variable(name),
            }
    return answer


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    for line in sys.stdin:
        question = json.loads(line)
        answers.write(json.dumps(run(question["hunt"], question["prefetch"]), default=str) + "\n")
        answers.flush()


main()
